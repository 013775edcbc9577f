import { StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { csvChunks } from '../platform/http/index.ts';
import type { CsvCell } from '../platform/http/index.ts';

/** A CSV file for download, written while it is sent. Columns are the names of the rows' fields, in that order. */
export function csvDownload<C extends string>(
  name: string,
  columns: readonly C[],
  rows: Iterable<Readonly<Record<C, CsvCell>>>,
): StreamableFile {
  return new StreamableFile(Readable.from(csvChunks(columns, cellsOf(columns, rows)), { objectMode: false }), {
    type: 'text/csv; charset=utf-8; header=present',
    disposition: `attachment; filename="${name}.csv"`,
  });
}

function* cellsOf<C extends string>(
  columns: readonly C[],
  rows: Iterable<Readonly<Record<C, CsvCell>>>,
): Generator<CsvCell[], void, undefined> {
  for (const row of rows) yield columns.map((column) => row[column]);
}
