import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/platform/config/index.ts';
import { dataSourceOptions } from '../../src/platform/database/index.ts';
import { FolderObjectStore, ObjectStore } from '../../src/platform/objectstore/index.ts';
import { curatedKey, CuratedMonth, curateMonth } from '../../src/sales/daily-data/curated-days.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

const MONTH = '2024-02-01';
const DAY = '2024-02-07';
const KEY = curatedKey(DAY);

let database: TestDatabase;
let dataSource: DataSource;
let folder: string;
let store: ObjectStore;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-curated-'));
  store = new FolderObjectStore(folder);
  const config = loadConfig({ DATABASE_URL: database.url, DATA_DIR: folder, NODE_ENV: 'test' });
  dataSource = await new DataSource(dataSourceOptions(config, 'test')).initialize();
  await dataSource.query(`SELECT ensure_sales_partition($1)`, [MONTH]);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await store.deleteFolder('curated');
  await dataSource.query('TRUNCATE curated_days');
  await sell(1);
});

/** Has a quantity sold on the day. */
async function sell(quantity: number): Promise<void> {
  await dataSource.query(
    `INSERT INTO sales (product, location, date, quantity_sold) VALUES (1, 1, $1, $2)
     ON CONFLICT (product, location, date) DO UPDATE SET quantity_sold = $2`,
    [DAY, quantity],
  );
}

const curate = (owns: () => Promise<boolean> = () => Promise.resolve(true)): Promise<CuratedMonth> =>
  curateMonth(dataSource, store, MONTH, { runId: randomUUID(), owns });

/** The file's hash, which has to be the recorded one. */
async function stored(): Promise<string> {
  const content = await buffer(await store.get(KEY));
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(await dataSource.query('SELECT sha256 FROM curated_days')).toEqual([{ sha256 }]);
  return sha256;
}

describe('the file of a day', () => {
  it('is written for the sales there are, and again only when they have changed', async () => {
    expect(await curate()).toMatchObject({ rows: 1, days: 1, written: 1 });
    const one = await stored();
    expect(await curate()).toMatchObject({ rows: 1, days: 1, written: 0 });
    await sell(2);
    expect(await curate()).toMatchObject({ written: 1 });
    expect(await stored()).not.toBe(one);
    await sell(1);
    await curate();
    expect(await stored()).toBe(one);
  });

  it('is not written by an attempt that has lost its job', async () => {
    await curate();
    const one = await stored();
    await sell(2);
    await expect(curate(() => Promise.resolve(false))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await stored()).toBe(one);
  });

  it('ends as what the later reader read, however long the earlier one takes to write', async () => {
    await sell(2);
    await curate();
    const newer = await stored();
    await sell(1);
    let reached = () => undefined as void;
    let release = () => undefined as void;
    const atWriting = new Promise<void>((resolve) => (reached = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    // It has read that one was sold, and is held up before it writes so.
    const slow = curate(async () => {
      reached();
      await released;
      return true;
    });
    await atWriting;
    await sell(2);
    let done = false;
    const quick = curate().finally(() => (done = true));
    await sleep(500);
    expect(done).toBe(false);
    release();
    expect(await slow).toMatchObject({ written: 1 });
    expect(await quick).toMatchObject({ written: 1 });
    expect(await stored()).toBe(newer);
  });

  it('is put right by the next run where a write came after all', async () => {
    await curate();
    const old = await buffer(await store.get(KEY));
    await sell(2);
    await curate();
    const right = await stored();
    await store.put(KEY, Readable.from([old]));
    expect(await curate()).toMatchObject({ written: 1 });
    expect(await stored()).toBe(right);
  });

  it('is not recorded where it could not be written', async () => {
    const broken = Object.create(store, {
      put: { value: () => Promise.reject(new Error('no room')) },
    }) as ObjectStore;
    await expect(
      curateMonth(dataSource, broken, MONTH, { runId: randomUUID(), owns: () => Promise.resolve(true) }),
    ).rejects.toThrow('no room');
    expect(await dataSource.query('SELECT FROM curated_days')).toEqual([]);
    expect(await curate()).toMatchObject({ written: 1 });
  });
});
