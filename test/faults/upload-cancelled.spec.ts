import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  holdBeforeCommit,
  jobRow,
  salesFile,
  untilHeld,
  untilReading,
  uploadSales,
  visible,
} from '../support/imports.ts';
import { leftOver } from '../support/import-runs.ts';
import { jobEnd, startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

let api: TestApi;
let worker: WorkerProcess;
beforeEach(async () => {
  api = await startApi();
  worker = await forkWorker(api);
});
afterEach(async () => {
  await worker.stop();
  await api.stop();
});

const cancel = (id: string) =>
  api.http.delete(`/api/v1/jobs/${id}`).set('authorization', `Bearer ${api.adminToken}`).expect(200);

async function loadsAgain(content: Buffer, cancelled: string, rows: number): Promise<void> {
  const id = await uploadSales(api, content);
  expect(id).not.toBe(cancelled);
  expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded', result: { rows_inserted: rows } });
  expect(await visible(api)).toMatchObject({ sales: rows, upload: 'loaded' });
  // A job that has ended cannot be taken back, and the file stands.
  const { body } = await cancel(id);
  expect(body.state).toBe('succeeded');
  expect(await uploadSales(api, content)).toBe(id);
}

describe('a cancelled upload', () => {
  it('ends while its file is read and leaves nothing; the file may come again', async () => {
    const { content, rows } = salesFile(500, 360);
    const id = await uploadSales(api, content);
    await untilReading(api);
    const { body } = await cancel(id);
    expect(body.state).toBe('running');
    expect(await jobEnd(api, id)).toMatchObject({ state: 'cancelled', result: null });
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
    expect(await visible(api)).toEqual({ sales: 0, products: 0, upload: 'cancelled' });
    await loadsAgain(content, id, rows);
  });

  it('ends although a statement of it would take for ever', async () => {
    const { content, rows } = salesFile(20, 100);
    const release = await holdBeforeCommit(api);
    const id = await uploadSales(api, content);
    await untilHeld(api);
    await cancel(id);
    expect(await jobEnd(api, id, 10_000)).toMatchObject({ state: 'cancelled' });
    await release();
    expect(await leftOver(api)).toEqual({ tables: [], states: 0 });
    expect(await visible(api)).toEqual({ sales: 0, products: 0, upload: 'cancelled' });
    await loadsAgain(content, id, rows);
  });

  it('never starts if it was still in the queue', async () => {
    await worker.stop();
    const { content, rows } = salesFile(5, 20);
    const id = await uploadSales(api, content);
    const { body } = await cancel(id);
    expect(body.state).toBe('cancelled');
    worker = await forkWorker(api);
    await loadsAgain(content, id, rows);
    expect(await jobRow(api, id)).toMatchObject({ state: 'cancelled', attempt: 0 });
  });
});
