import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { leftOver } from '../support/import-runs.ts';
import { holdBeforeCommit, jobRow, salesFile, untilHeld, uploadSales, visible } from '../support/imports.ts';
import { jobEnd, startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

const CHUNK_ROWS = 10_000;

let api: TestApi;
let workers: WorkerProcess[];
beforeEach(async () => {
  api = await startApi();
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.kill();
  await api.stop();
});

/** On other connections than the one that holds an import up, whose transaction stays open. */
const sql = (text: string, values: unknown[] = []) =>
  api.app.get(DataSource).query<Record<string, unknown>[]>(text, values);

async function start(): Promise<WorkerProcess> {
  const worker = await forkWorker(api, { IMPORT_CHUNK_ROWS: String(CHUNK_ROWS) });
  workers.push(worker);
  return worker;
}

/** The tables of chunks by name, with the number that tells one from another of its name. */
async function chunks(): Promise<readonly string[]> {
  const rows = await sql(
    `SELECT relname || ' ' || oid AS chunk FROM pg_class
     WHERE relnamespace = 'staging'::regnamespace AND relname ~ '^import_[0-9a-f]{32}_' AND relkind = 'r'
     ORDER BY substring(relname FROM '[0-9]+$')::int`,
  );
  return rows.map(({ chunk }) => chunk as string);
}

async function untilStaged(count: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(5))
    if ((await chunks()).length >= count) return;
  throw new Error(`No import came to ${count} chunks`);
}

const silentForMinutes = (id: string) =>
  sql(`UPDATE jobs SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE id = $1`, [id]);

describe('an import of many chunks', () => {
  it('whose worker is killed twice keeps what was read, and loads each row once', async () => {
    const { content, rows } = salesFile(500, 360);
    const release = await holdBeforeCommit(api);
    const first = await start();
    const id = await uploadSales(api, content);
    await untilStaged(2);
    await first.kill();
    const afterFirst = await chunks();
    expect(await visible(api)).toEqual({ sales: 0, products: 0, upload: 'loading' });

    await sql('DELETE FROM bullmq.job');
    await silentForMinutes(id);
    const second = await start();
    await untilStaged(afterFirst.length + 3);
    await second.kill();
    const afterSecond = await chunks();
    expect(afterSecond.slice(0, afterFirst.length)).toEqual(afterFirst);

    await sql('DELETE FROM bullmq.job');
    await silentForMinutes(id);
    await start();
    await untilHeld(api);
    const atLast = await chunks();
    expect(atLast.slice(0, afterSecond.length)).toEqual(afterSecond);
    expect(atLast.length).toBeGreaterThanOrEqual(rows / CHUNK_ROWS);
    await release();
    expect(await jobEnd(api, id)).toMatchObject({
      state: 'succeeded',
      result: { rows_read: rows, rows_inserted: rows },
    });
    expect(await jobRow(api, id)).toMatchObject({ attempt: 3 });
    expect(await visible(api)).toEqual({ sales: rows, products: 500, upload: 'loaded' });
    const sums = await sql('SELECT sum(quantity_sold) AS units, count(DISTINCT date)::int AS days FROM sales');
    const daily = await sql('SELECT sum(quantity) AS units, count(*)::int AS days FROM sales_daily');
    expect(sums).toEqual(daily);
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
  });

  it('is handed on by a worker that is told to end, with what it has read', async () => {
    const { content, rows } = salesFile(500, 360);
    const release = await holdBeforeCommit(api);
    const first = await start();
    const id = await uploadSales(api, content);
    await untilStaged(2);
    await first.stop();
    const kept = await chunks();
    expect(kept.length).toBeGreaterThanOrEqual(2);
    await start();
    await untilHeld(api);
    expect((await chunks()).slice(0, kept.length)).toEqual(kept);
    await release();
    expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded', result: { rows_inserted: rows } });
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
  });
});
