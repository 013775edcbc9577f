import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobsService } from '../../src/platform/queue/index.ts';
import { salesFile, uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

const SETTINGS = { SALES_RETENTION_MONTHS: '24', JOB_LOCK_MS: '2000' };

let api: TestApi;
let worker: WorkerProcess;
beforeEach(async () => {
  api = await startApi(SETTINGS);
  worker = await forkWorker(api, SETTINGS);
});
afterEach(async () => {
  await worker.kill();
  await api.stop();
});

const sql = async (text: string) => (await api.database.client.query(text)).rows;

interface Whole {
  readonly rows: number;
  readonly quantity: number;
}

/** Sales by month, wherever each month stands; one that stood in both places would count twice. */
const everywhere = () =>
  sql(`
    SELECT month, sum(rows)::int AS rows, sum(quantity) AS quantity FROM (
      SELECT date_trunc('month', date)::date::text AS month, count(*) AS rows, sum(quantity_sold) AS quantity FROM sales
      GROUP BY 1
      UNION ALL SELECT month::text, sales_rows, quantity FROM archived_months WHERE restored_at IS NULL) AS known
    GROUP BY month ORDER BY month`) as Promise<(Whole & { month: string })[]>;

it('a worker that is killed while it archives leaves each month where it was, or archived once', async () => {
  const { content } = salesFile(40, 330);
  const latest = 'date,sku,location,quantity_sold,price\n2026-11-20,SKU-0,DS1,1,1\n';
  await jobEnd(api, await uploadSales(api, content));
  await jobEnd(api, await uploadSales(api, Buffer.from(latest)));
  const before = await everywhere();
  expect(before.length).toBe(12);
  const job = await api.app.get(JobsService).enqueue({ kind: 'sales-archive', payload: {} });
  const archivedAtKills: number[] = [];
  for (const pause of [150, 300, 450]) {
    // Counted from when an attempt is at work, so that each kill meets it somewhere else.
    while ((await sql(`SELECT 1 FROM jobs WHERE id = '${job.id}' AND state = 'queued'`)).length) await sleep(20);
    await sleep(pause);
    await worker.kill();
    expect(await everywhere()).toEqual(before);
    archivedAtKills.push((await sql('SELECT 1 FROM archived_months')).length);
    await sql(`UPDATE jobs SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE state = 'running'`);
    worker = await forkWorker(api, SETTINGS);
  }
  expect(archivedAtKills[0]).toBeLessThan(10);
  expect(await jobEnd(api, job.id)).toMatchObject({ state: 'succeeded', result: { left: [] } });
  expect(await everywhere()).toEqual(before);
  // January to October of 2024 lie more than 24 months before November 2026.
  expect(await sql('SELECT count(*)::int AS n FROM archived_months')).toEqual([{ n: 10 }]);
  expect(await sql('SELECT count(*)::int AS n FROM sales WHERE date < $$2024-11-01$$')).toEqual([{ n: 0 }]);
});
