import { csvCell } from '../../sales/formats/csv-cell.ts';
import type { ApiClient } from '../api-client.ts';
import type { SignalRow } from './retail-data.ts';
import { isoDay } from './sales-lines.ts';

/** Rows of one file. The server takes 200,000, but answers nobody else while it reads one. */
const FILE_ROWS = 20_000;
const HEADER = 'signal,date,location,value,name,kind\n';

/** What became of the signals. */
export interface SentSignals {
  readonly values: number;
  readonly events: number;
  readonly rejected: number;
  /** The first of the reasons for which rows were not taken. */
  readonly rejections: readonly string[];
}

interface ImportAnswer {
  readonly values: number;
  readonly events: number;
  readonly rejected: number;
  readonly rejections: readonly { readonly line: number; readonly reason: string }[];
}

function lineOf({ signal, day, location, value, name, kind }: SignalRow): string {
  const cells = [location ?? '', value === undefined ? '' : String(value), name ?? '', kind ?? ''].map(csvCell);
  return `${signal},${isoDay(day)},${cells.join(',')}\n`;
}

/** Files of signals, of as many rows as the server takes. */
export async function* signalFiles(signals: AsyncIterable<readonly SignalRow[]>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const rows of signals)
    for (const row of rows) {
      lines.push(lineOf(row));
      if (lines.length < FILE_ROWS) continue;
      yield HEADER + lines.join('');
      lines = [];
    }
  if (lines.length) yield HEADER + lines.join('');
}

/**
 * Sends events and traffic; rows for places that the server does not know are counted as rejected.
 * @param onSent told the number of rows that were sent
 */
export async function sendSignals(
  api: ApiClient,
  signals: AsyncIterable<readonly SignalRow[]>,
  signal: AbortSignal,
  onSent: (rows: number) => void,
): Promise<SentSignals> {
  const sent = { values: 0, events: 0, rejected: 0 };
  const rejections = new Set<string>();
  for await (const file of signalFiles(signals)) {
    async function* content() {
      yield Buffer.from(file);
    }
    const answer = await api.stream<ImportAnswer>('/signals/import', 'signals.csv', content(), signal);
    for (const key of ['values', 'events', 'rejected'] as const) sent[key] += answer[key];
    for (const { reason } of answer.rejections) rejections.add(reason);
    onSent(sent.values + sent.events + sent.rejected);
  }
  return { ...sent, rejections: [...rejections].slice(0, 5) };
}
