import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLayout, type LayoutName } from '../../src/local/import/layouts.ts';
import { PlaceChoice, type SignalRow } from '../../src/local/import/retail-data.ts';

/** Files of a data set by name. */
export type LayoutFiles = Readonly<Record<string, string | Uint8Array>>;

/** A data set that was read: sales as text and as objects by column, signals, notes and places. */
export interface ReadLayout {
  readonly rows: readonly Record<string, string>[];
  readonly text: string;
  readonly signals: readonly SignalRow[];
  readonly notes: readonly string[];
  readonly places: readonly { readonly code: string; readonly city?: string; readonly region?: string }[];
}

/** Reads a data set of the given files. @throws where a block is not what it says it is */
export async function readLayout(
  layout: LayoutName,
  files: LayoutFiles,
  wanted?: readonly string[],
): Promise<ReadLayout> {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-layout-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const data = await openLayout(layout, {
    folder,
    file: null,
    places: new PlaceChoice(wanted ? new Set(wanted) : null),
    dateOrder: null,
    signal: new AbortController().signal,
    onPrepared: () => undefined,
  });
  const columns = data.header.split(',');
  let text = '';
  for await (const { bytes, rows, units } of data.sales(() => undefined)) {
    const block = bytes.toString('utf8');
    const lines = block.trimEnd().split('\n');
    if (lines.length !== rows) throw new Error(`${lines.length} rows in a block of ${rows}`);
    if (new Set(lines.map((line) => line.slice(0, 7))).size !== 1) throw new Error('a block of several months');
    const told = lines.reduce((sum, line) => sum + Number(line.split(',')[3]), 0);
    if (Math.abs(told - units) > 1e-6) throw new Error(`${told} units in a block of ${units}`);
    text += block;
  }
  const lines = text === '' ? [] : text.trimEnd().split('\n');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])));
  const signals: SignalRow[] = [];
  for await (const some of data.signals()) signals.push(...some);
  return { rows, text, signals, notes: data.notes(), places: data.places };
}

/** Sum of a column. */
export function sumOf(rows: readonly Record<string, string>[], column: string): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0);
}
