import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ObjectStore } from '../../src/platform/objectstore/index.ts';
import { Housekeeping } from '../../src/platform/housekeeping/index.ts';
import { writeParquet } from '../../src/platform/parquet/index.ts';
import {
  attemptImport,
  everythingStored,
  forgetSales,
  forgetUploads,
  leftOver,
  storeUpload,
  StoredUpload,
} from '../support/import-runs.ts';
import { startApi, startWorker, TestApi } from '../support/test-app.ts';
import { asOwner } from '../support/test-database.ts';
import { sheetXml, workbook } from '../support/workbook.ts';

const ROWS = 3_000;
const CHUNK_ROWS = 250;
const HEADER = ['date', 'sku', 'location', 'quantity_sold', 'price', 'category', 'pincode', 'stock'];

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ IMPORT_CHUNK_ROWS: String(CHUNK_ROWS) }, asOwner);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await forgetSales(api);
  await forgetUploads(api);
});
afterAll(() => api.stop());

/** Rows in which something is wrong now and then, in every chunk and over its borders. */
const CELLS: readonly (readonly string[])[] = Array.from({ length: ROWS }, (_, i) => {
  const date = new Date(Date.UTC(2024, 0, 1 + (i % 150))).toISOString().slice(0, 10);
  const repeated = i % 97 === 0 ? Math.max(0, i - 150) : i;
  return [
    i % 41 === 0 ? 'yesterday' : date,
    `SKU-${Math.floor(repeated / 150) % 17}`,
    `DS${Math.floor(repeated / 900)}`,
    i % 53 === 0 ? '-3' : String((i * 7) % 11),
    String(10 + (i % 40)),
    i % 3 ? 'Tea' : '',
    '560001',
    i % 5 ? String(i % 60) : '',
  ];
});

const lines = (cells: readonly (readonly string[])[]) => [HEADER, ...cells].map((row) => row.join(',')).join('\n');

async function parquet(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'resumed-'));
  const path = join(folder, 'sales.parquet');
  await writeParquet(
    path,
    HEADER.map((name) => ({ name, type: 'text' as const })),
    CELLS,
  );
  const content = readFileSync(path);
  rmSync(folder, { recursive: true });
  return content;
}

const FILES: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
  csv: () => Buffer.from(lines(CELLS)),
  'csv in Latin-1': () =>
    Buffer.from(lines(CELLS.map((row, i) => (i === ROWS - 9 ? row.with(5, 'Getränke') : row))), 'latin1'),
  'csv in gzip': () => gzipSync(lines(CELLS)),
  'csv in UTF-16': () => Buffer.from(`\ufeff${lines(CELLS)}`, 'utf16le'),
  xlsx: () => workbook({ sheets: { Notes: sheetXml([['hello']]), Sales: sheetXml([HEADER, ...CELLS]) } }),
  parquet,
};

/** Ends an attempt when it asks for the n-th time whether it owns the import. */
const crashAt = (n: number) => (time: number) => {
  if (time === n) throw new Error(`crash ${n}`);
  return true;
};
const never = () => true;

/** Imports undisturbed, and answers all that there is then. */
async function undisturbed(upload: StoredUpload) {
  const { report, error, asked } = await attemptImport(api, upload, never);
  if (error) throw error;
  const all = { report, stored: await everythingStored(api, upload.uploadId) };
  expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
  await forgetSales(api);
  return { all, asked };
}

describe.each(Object.keys(FILES))('an import of %s that is cut off', (kind) => {
  it('goes on from the last chunk and ends with the same as one that is not', async () => {
    const upload = await storeUpload(api, await FILES[kind]());
    const { all, asked } = await undisturbed(upload);
    expect(all.report).toMatchObject({ state: 'loaded', rows_read: ROWS });
    expect(all.report?.rows_duplicate).toBeGreaterThan(10);
    expect(all.report?.rows_rejected).toBeGreaterThan(100);
    expect(asked).toBeGreaterThan(ROWS / CHUNK_ROWS);

    const starts = jest.spyOn(api.app.get(ObjectStore), 'get');
    // Before anything is kept; after one chunk, then again without having got on; far on; read to the end; before the commit.
    let kept = 0;
    for (const chunks of [0, 1, 0, asked - 6, 1]) {
      const { error, percents } = await attemptImport(api, upload, crashAt(2 + chunks));
      expect(error?.message).toBe(`crash ${2 + chunks}`);
      // All of so small a file is read at once.
      expect(percents[0]).toBe(kept > 0 ? 60 : 0);
      kept += chunks;
      const { states, tables } = await leftOver(api);
      expect(states).toBe(kept);
      expect(tables.length).toBe(1 + kept);
    }
    expect(await everythingStored(api, upload.uploadId)).toMatchObject({ sales: [], products: [], rejected: null });
    const last = await attemptImport(api, upload, never);
    expect(last.error).toBeNull();
    expect(last.report).toEqual(all.report);
    expect(await everythingStored(api, upload.uploadId)).toEqual(all.stored);
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
    // Text that is stored as it is, is not read twice.
    const from = starts.mock.calls.filter(([key]) => key === upload.objectKey).map(([, start]) => start ?? 0);
    if (kind.startsWith('csv') && !/gzip|UTF-16/.test(kind)) {
      expect(from.slice(0, 2)).toEqual([0, 0]);
      expect(from.at(-1)).toBeGreaterThan(upload.bytes * 0.6);
    } else expect(new Set(from)).toEqual(new Set([0]));
  });
});

describe('an import', () => {
  it('that lost its job between two chunks changes nothing more', async () => {
    const upload = await storeUpload(api, Buffer.from(lines(CELLS)));
    const { all } = await undisturbed(upload);
    let release: (value: boolean) => void = () => undefined;
    const held = new Promise<boolean>((resolve) => (release = resolve));
    let stands: () => void = () => undefined;
    const standing = new Promise<void>((resolve) => (stands = resolve));
    // The first attempt stands still with its third chunk written and not committed; the second takes over.
    const first = attemptImport(api, upload, (time) => {
      if (time < 4) return true;
      stands();
      return held;
    });
    await standing;
    const second = await attemptImport(api, upload, never);
    expect(second.report).toEqual(all.report);
    release(false);
    expect((await first).error).toBeInstanceOf(Error);
    expect(await everythingStored(api, upload.uploadId)).toEqual(all.stored);
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
  });

  it('starts over where its rows are gone, or where what it knew is', async () => {
    const upload = await storeUpload(api, Buffer.from(lines(CELLS)));
    const { all, asked } = await undisturbed(upload);
    const { client } = api.database;
    for (const loss of [
      (table: string) => client.query(`DROP TABLE staging.${table}_1`),
      (table: string) => client.query(`DROP TABLE staging.${table} CASCADE`),
      () => client.query('DELETE FROM staging.import_checkpoints'),
    ]) {
      await attemptImport(api, upload, crashAt(6));
      const { tables, states } = await leftOver(api);
      expect(states).toBe(4);
      await loss(tables[0]);
      const whole = await attemptImport(api, upload, never);
      expect(whole.asked).toBe(asked);
      expect(whole.report).toEqual(all.report);
      expect(await everythingStored(api, upload.uploadId)).toEqual(all.stored);
      await forgetSales(api);
    }
  });

  it('that nobody will go on with is cleared away, and no other', async () => {
    const { client } = api.database;
    const left = await storeUpload(api, Buffer.from(`${lines(CELLS)}\n`));
    const waiting = await storeUpload(api, Buffer.from(`${lines(CELLS)}\n\n`));
    const job = await client.query<{ id: string }>(
      `INSERT INTO jobs (kind, payload, state, heartbeat_at) VALUES ('sales-import', '{}', 'running', now()) RETURNING id`,
    );
    await client.query('UPDATE uploads SET job_id = $2 WHERE id = $1', [waiting.uploadId, job.rows[0].id]);
    for (const upload of [left, waiting]) await attemptImport(api, upload, crashAt(4));
    expect(await leftOver(api)).toMatchObject({ states: 4 });
    const worker = await startWorker(api.config);
    const clean = async () =>
      (await worker.get(Housekeeping, { strict: false }).clean(new Date(), new AbortController().signal))[
        'import-staging'
      ];
    expect(await clean()).toBe(1);
    const { tables, states } = await leftOver(api);
    expect(states).toBe(2);
    expect(tables).toHaveLength(3);
    expect(tables[0]).toBe(`import_${waiting.uploadId.replaceAll('-', '')}`);
    await client.query(`UPDATE jobs SET state = 'cancelled'`);
    expect(await clean()).toBe(1);
    expect(await clean()).toBe(0);
    await worker.close();
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
  });
});
