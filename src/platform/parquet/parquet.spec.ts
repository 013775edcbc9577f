import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ParquetColumn, readParquet, writeParquet, writeParquetParts } from './index.ts';

const COLUMNS: readonly ParquetColumn[] = [
  { name: 'id', type: 'int32' },
  { name: 'day', type: 'date' },
  { name: 'units', type: 'float' },
  { name: 'a "quoted" name', type: 'double' },
  { name: 'text', type: 'text' },
];

function* manyRows(count: number) {
  for (let i = 0; i < count; i++) yield [i, 19_000 + (i % 30), i / 4, i * 1e9 + 0.5, `row ${i}`] as const;
}

describe('Parquet files', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'shelfcast-parquet-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are one for each run of rows of a name, the same as if each were written alone', async () => {
    const rows = Array.from({ length: 6000 }, (_, i) => [i, 19_000 + Math.floor(i / 2500), i / 4, 1, null] as const);
    const parts = await writeParquetParts(folder, COLUMNS, rows, (row) => `day-${String(row[1])}`);
    expect(parts.map(({ name, rows: count }) => [name, count])).toEqual([
      ['day-19000', 2500],
      ['day-19001', 2500],
      ['day-19002', 1000],
    ]);
    const alone = join(folder, 'alone.parquet');
    await writeParquet(alone, COLUMNS, rows.slice(2500, 5000));
    expect(readFileSync(parts[1].path).equals(readFileSync(alone))).toBe(true);
    expect(await writeParquetParts(folder, COLUMNS, [], () => 'none')).toEqual([]);
    const torn = [rows[0], rows[5999], rows[1]];
    await expect(writeParquetParts(folder, COLUMNS, torn, (row) => `torn-${String(row[1])}`)).rejects.toThrow(
      'do not follow each other',
    );
  });

  it('give back what was written, over more rows than are handed over at a time', async () => {
    const path = join(folder, "it's many.parquet");
    expect(await writeParquet(path, COLUMNS, manyRows(5000))).toBe(5000);
    const rows = await readParquet(path);
    expect(rows).toHaveLength(5000);
    expect(rows[4999]).toEqual({
      id: 4999,
      day: 19_000 + (4999 % 30),
      units: 1249.75,
      'a "quoted" name': 4999e9 + 0.5,
      text: 'row 4999',
    });
  });

  it('keep what is missing, and exist without rows', async () => {
    const path = join(folder, 'gaps.parquet');
    await writeParquet(path, COLUMNS, [[1, null, null, null, null]]);
    expect(await readParquet(path)).toEqual([{ id: 1, day: null, units: null, 'a "quoted" name': null, text: null }]);
    expect(await writeParquet(path, COLUMNS, [])).toBe(0);
    expect(await readParquet(path)).toEqual([]);
  });

  it('have the same bytes for the same rows', async () => {
    const hashes: string[] = [];
    for (const name of ['one', 'two']) {
      await writeParquet(join(folder, name), COLUMNS, manyRows(3000));
      hashes.push(
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      );
    }
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('do not hide a failure of their rows', async () => {
    const failing = async function* () {
      yield [1, 1, 1, 1, 'x'] as const;
      throw new Error('the source broke');
    };
    await expect(writeParquet(join(folder, 'broken'), COLUMNS, failing())).rejects.toThrow('the source broke');
  });
});
