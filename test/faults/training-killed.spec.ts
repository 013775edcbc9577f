import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '../../src/engine/index.ts';
import { salesCsv } from '../support/small-panel.ts';
import { jobEnd, startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

/** Bench runs kill more often. */
const KILLS = 3;
const LOCK_MS = 2_000;
/** Lock, sweep, the start of a worker, and a busy machine. */
const RESUMED_MS = LOCK_MS + 5_000 + 15_000;

let api: TestApi;
let worker: WorkerProcess;

const sql = <T>(text: string, values: unknown[] = []) =>
  api.database.client.query(text, values).then(({ rows }) => rows as T[]);
const start = () => forkWorker(api, { JOB_LOCK_MS: String(LOCK_MS) });

async function train(): Promise<string> {
  const { body } = await api.http
    .post('/api/v1/models/train')
    .set('authorization', `Bearer ${api.adminToken}`)
    .send({ budget: 'quick', seed: 11 })
    .expect(202);
  return body.job_id as string;
}

/** A hash over all that is forecast. */
async function forecastHash(): Promise<string> {
  const [{ hash }] = await sql<{ hash: string }>(
    `SELECT md5(string_agg(concat_ws(':', f.product, f.location, f.forecast_date, f.mean, f.quantiles), ','
       ORDER BY f.product, f.location, f.forecast_date)) AS hash
     FROM forecast_series AS s JOIN forecasts AS f USING (product, location, run)`,
  );
  return hash;
}

const attempts = async (run: string) =>
  (
    await sql<{ attempts: number }>(
      `SELECT sum(j.attempt)::int AS attempts FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id WHERE s.run_id = $1`,
      [run],
    )
  )[0].attempts;

beforeAll(async () => {
  api = await startApi();
  worker = await start();
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(salesCsv()), 'sales.csv')
    .expect(202);
  expect(await jobEnd(api, body.job_id)).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await worker.kill();
  await api.stop();
});

describe('a training whose worker is killed again and again', () => {
  it('ends with one version and the forecasts of a training that was left alone', async () => {
    const rng = createRng(5);
    const run = await train();
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(200 + 1_500 * rng());
      await worker.kill();
      const killed = Date.now();
      const before = await attempts(run);
      const [{ state }] = await sql<{ state: string }>('SELECT state FROM workflow_runs WHERE id = $1', [run]);
      worker = await start();
      if (state !== 'running') break;
      while ((await attempts(run)) === before) {
        expect(Date.now() - killed).toBeLessThan(RESUMED_MS);
        await sleep(50);
      }
    }
    const ended = await jobEnd(api, run);
    expect(ended).toMatchObject({ state: 'succeeded', result: { promoted: true } });
    const disturbed = await forecastHash();
    // Nine steps, one shard each: more attempts than that are those the kills cost.
    expect(await attempts(run)).toBeGreaterThan(9);

    const alone = await jobEnd(api, await train());
    expect(alone.result).toMatchObject({ model_version: ended.result?.model_version, promoted: true });
    expect(await forecastHash()).toBe(disturbed);
    expect(await sql('SELECT stage FROM model_versions')).toEqual([{ stage: 'champion' }]);
    const [{ stray }] = await sql<{ stray: number }>(
      `SELECT count(*)::int AS stray FROM forecasts AS f WHERE NOT EXISTS (
         SELECT 1 FROM run_series AS r WHERE r.run = f.run AND r.product = f.product AND r.location = f.location)`,
    );
    expect(stray).toBe(0);
  });
});
