import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobsService } from '../../src/platform/queue/index.ts';
import {
  holdBeforeCommit,
  jobRow,
  salesFile,
  untilHeld,
  untilReading,
  uploadSales,
  visible,
} from '../support/imports.ts';
import { jobEnd, startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

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

const sql = (text: string, values: unknown[] = []) => api.database.client.query(text, values);

async function start(): Promise<WorkerProcess> {
  const worker = await forkWorker(api);
  workers.push(worker);
  return worker;
}

/** The worker's last sign of life becomes two minutes older, as if the time had passed. */
const silentForMinutes = (id: string) =>
  sql(`UPDATE jobs SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE id = $1`, [id]);

async function loadedOnce(id: string, rows: number): Promise<void> {
  expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded', result: { state: 'loaded', rows_inserted: rows } });
  expect(await jobRow(api, id)).toMatchObject({ attempt: 2 });
  expect(await visible(api)).toMatchObject({ sales: rows, upload: 'loaded' });
  const { rows: clock } = await sql('SELECT load_sequence FROM data_clock');
  expect(clock).toEqual([{ load_sequence: 1 }]);
}

describe('a worker that is killed during an import', () => {
  it('leaves nothing of a file it was reading; the sweeper gives the job to another worker', async () => {
    const { content, rows } = salesFile(500, 360);
    const first = await start();
    const id = await uploadSales(api, content);
    await untilReading(api);
    await first.kill();
    expect(await jobRow(api, id)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await visible(api)).toEqual({ sales: 0, products: 0, upload: 'loading' });

    // The queue has lost the entry, so that only the row is left to tell of the job.
    await sql('DELETE FROM bullmq.job');
    await start();
    // Woken while the first worker may still be alive, the second must not touch the job.
    await api.app.get(JobsService).wake({ id, kind: 'sales-import', attempt: 1 });
    while ((await sql('SELECT 1 FROM bullmq.job')).rowCount) await sleep(20);
    expect(await jobRow(api, id)).toMatchObject({ state: 'running', attempt: 1 });

    await silentForMinutes(id);
    await loadedOnce(id, rows);
  });

  it('leaves nothing of a file it had all but committed; the queue gives the job to another worker', async () => {
    const { content, rows } = salesFile(20, 100);
    const first = await start();
    const release = await holdBeforeCommit(api);
    const id = await uploadSales(api, content);
    await untilHeld(api);
    await first.kill();
    await release();
    expect(await visible(api)).toEqual({ sales: 0, products: 0, upload: 'loading' });

    await silentForMinutes(id);
    // The same two minutes for the queue: the lock has run out and a look at it has found nobody.
    await sql(`UPDATE bullmq.job SET locked_until_ms = 0, stalled_marked = true WHERE state = 'active'`);
    await sql(`DELETE FROM bullmq.meta WHERE field = 'stalled-check'`);
    await start();
    await loadedOnce(id, rows);
  });

  it('is no hindrance while it lives: the same import, held as long but not killed, is loaded by the first attempt', async () => {
    const { content, rows } = salesFile(20, 100);
    await start();
    const release = await holdBeforeCommit(api);
    const id = await uploadSales(api, content);
    await untilHeld(api);
    await release();
    expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded' });
    expect(await jobRow(api, id)).toMatchObject({ attempt: 1 });
    expect(await visible(api)).toEqual({ sales: rows, products: 20, upload: 'loaded' });
  });
});
