import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Housekeeping } from '../../src/platform/housekeeping/index.ts';
import { ScheduleRegistry } from '../../src/platform/schedules/index.ts';
import { iso, LAST_DAY, salesCsv } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const DAY_MS = 86_400_000;

let api: TestApi;
let worker: INestApplicationContext;
let products: Record<string, string>;
let locations: Record<string, string>;
let training: Record<string, unknown>;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const post = (path: string, body: object) =>
  api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`).send(body);
const sql = async <T>(text: string, values: unknown[] = []) =>
  (await api.database.client.query(text, values)).rows as T[];

async function finished(jobId: string): Promise<Record<string, unknown>> {
  const { state, error, result } = await jobEnd(api, jobId);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
  return result ?? {};
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  const upload = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(salesCsv()), 'sales.csv')
    .expect(202);
  await finished(upload.body.job_id);
  const bySku = await sql<{ sku: string; id: string }>('SELECT sku, product_id AS id FROM products');
  products = Object.fromEntries(bySku.map(({ sku, id }) => [sku, id]));
  const byCode = await sql<{ code: string; id: string }>('SELECT code, location_id AS id FROM locations');
  locations = Object.fromEntries(byCode.map(({ code, id }) => [code, id]));
  training = await finished((await post('/models/train', { budget: 'quick', seed: 7 }).expect(202)).body.job_id);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('the batch', () => {
  const everyRow = async () =>
    (
      await api.database.client.query(
        `SELECT f.*, f.ctid, f.xmin FROM forecasts f JOIN forecast_series s USING (product, location, run)
         ORDER BY product, location, run, forecast_date`,
      )
    ).rows;

  it('changes no row when everything is forecast again by the same model from the same sales', async () => {
    const before = await everyRow();
    const { body } = await post('/forecasts/generate', {}).expect(202);
    const result = await finished(body.job_id);
    const { body: head } = await get(`/forecasts/${products['SKU-1']}`).expect(200);
    expect(result).toMatchObject({ unchanged: true, run_id: head.run_id, model_version: training.model_version });
    expect(await everyRow()).toEqual(before);
  });

  it('forecasts everything over a full horizon, once, however often the batch is asked for on a day', async () => {
    const ask = async () => finished((await post('/forecasts/generate', { horizon_days: 35 }).expect(202)).body.job_id);
    const first = await ask();
    expect(first).toMatchObject({ grain: 'day', unchanged: false, horizon_days: 35, business_date: LAST_DAY });
    const [one, other] = await Promise.all([post('/forecasts/generate', {}), post('/forecasts/generate', {})]);
    expect(one.body.job_id).toBe(other.body.job_id);
    // Days are back to four weeks, and then again to five.
    expect(await finished(one.body.job_id)).toMatchObject({ unchanged: false, horizon_days: 28 });
    const again = await ask();
    expect(again).toMatchObject({ unchanged: false, series_count: first.series_count });
    const rows = await everyRow();
    const { rows: counts } = await api.database.client.query(
      `SELECT count(*)::int AS series, sum((days = 35)::int)::int AS full FROM (
         SELECT count(f.run) AS days FROM sales_series c LEFT JOIN forecast_series s USING (product, location)
         LEFT JOIN forecasts f USING (product, location, run) GROUP BY product, location) AS each`,
    );
    expect(counts).toEqual([{ series: 15, full: 15 }]);
    const second = await ask();
    expect(second).toMatchObject({ unchanged: true, run_id: again.run_id });
    expect(await everyRow()).toEqual(rows);

    // Another event ahead, and there is something to say.
    await post('/signals/events', { date: iso(-20), name: 'Fair' }).expect(201);
    const third = await ask();
    expect(third).toMatchObject({ unchanged: false });
    expect(third.run_id).not.toBe(again.run_id);
    await sleep(1000);
    const { body } = await get(`/forecasts/${products['SKU-1']}`).expect(200);
    expect(body).toMatchObject({ run_id: third.run_id, degraded: [] });

    // As there is for another version, be it the same model.
    await sql(`UPDATE model_versions SET stage = 'archived'`);
    await sql(`INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version,
        parameters, seed, train_start, train_end, metrics, weights)
      SELECT 'again', 'champion', artefact_key, artefact_sha256, data_hash, code_version, parameters, seed, train_start,
        train_end, metrics, weights FROM model_versions`);
    expect(await ask()).toMatchObject({ unchanged: false, model_version: 'again' });
    const vintages = await sql('SELECT DISTINCT run FROM run_series');
    expect(vintages).toHaveLength(2);
  });

  it('forecasts whole weeks, whose means are sums of days and whose quantiles are not', async () => {
    const path = `/forecasts/${products['SKU-2']}`;
    await get(`${path}?grain=week`).expect(404);
    const ask = async () => finished((await post('/forecasts/generate', { grain: 'week' }).expect(202)).body.job_id);
    const made = await ask();
    // The last day of sales is a Tuesday: five days until Monday, then eight weeks.
    expect(made).toMatchObject({ grain: 'week', unchanged: false, horizon_days: 61 });
    const { body: weekly } = await get(`${path}?grain=week`).expect(200);
    expect(weekly).toMatchObject({ grain: 'week', run_id: made.run_id, location_id: null, data_sufficiency: 'full' });
    expect(weekly.points.map((point: { forecast_date: string }) => point.forecast_date)).toEqual(
      Array.from({ length: 8 }, (_, week) => iso(-6 - 7 * week)),
    );
    const { body: daily } = await get(`${path}?from=${iso(-6)}&to=${iso(-12)}`).expect(200);
    const sum = (field: string) =>
      daily.points.reduce((total: number, day: Record<string, number>) => total + day[field], 0);
    const [week] = weekly.points;
    expect(week.predicted_demand).toBeCloseTo(sum('predicted_demand'), 3);
    expect(week.p10).toBeLessThan(week.p50);
    expect(week.p50).toBeLessThan(week.p90);
    // Highs and lows of single days do not all fall into the same week.
    expect(week.p90).toBeLessThan(sum('p90'));
    expect(week.p10).toBeGreaterThan(sum('p10'));
    const { body: some } = await get(`${path}?grain=week&location_id=${locations.DS1}&from=${iso(-13)}&to=${iso(-20)}`);
    expect(some.points.map((point: { forecast_date: string }) => point.forecast_date)).toEqual([iso(-13), iso(-20)]);
    await get(`${path}?grain=week&as_of=${iso(1)}`).expect(404);
    await get(`${path}?grain=month`).expect(400);
    expect(await ask()).toMatchObject({ unchanged: true, run_id: made.run_id });
    const refused = await post('/forecasts/generate', { grain: 'week', horizon_days: 7 }).expect(400);
    expect(refused.body.errors[0].field).toBe('horizon_days');
  });

  it.each([
    ['daily-forecast', { grain: 'day', periods: 28 }],
    ['weekly-forecast', { grain: 'week', periods: 8 }],
  ])('is started by the schedule %s, and can be cancelled', async (name, input) => {
    const schedule = worker.get(ScheduleRegistry, { strict: false }).get(name);
    const started = await worker
      .get(DataSource)
      .transaction((manager) => schedule?.start(manager, { schedule: name, at: new Date() }) ?? Promise.resolve(null));
    const [run] = await sql<{ id: string }>(
      `SELECT id FROM workflow_runs WHERE name = 'forecast-batch' AND state = 'running'`,
    );
    expect(started).toMatchObject({ run: { id: run.id, input } });
    await api.http.delete(`/api/v1/jobs/${run.id}`).set('authorization', `Bearer ${api.adminToken}`).expect(200);
    expect(await jobEnd(api, run.id)).toMatchObject({ kind: 'forecast-batch', state: 'cancelled' });
  });
});

describe('housekeeping', () => {
  const clean = (days: number) =>
    worker
      .get(Housekeeping, { strict: false })
      .clean(new Date(Date.now() + days * DAY_MS), new AbortController().signal);
  const names = async (text: string) => (await sql<{ name: string }>(text)).map(({ name }) => name);

  it('leaves alone what is young, and takes the files of ended runs first', async () => {
    const folders = await names(`SELECT id AS name FROM workflow_runs WHERE state = 'succeeded'`);
    const kept = () => folders.filter((id) => existsSync(join(api.config.lakeDir, 'runs', id)));
    expect(kept().length).toBeGreaterThan(2);
    const own = ['run-files', 'runs', 'jobs', 'ticks', 'alerts', 'weekly-forecasts', 'hold-outs', 'import-staging'];
    const features = ['quality-days', 'signal-values', 'forecast-anomalies', 'live-accuracy', 'availability-days'];
    const stream = ['stream-ids', 'stream-totals', 'stream-shards'];
    const nothing = {
      ...Object.fromEntries([...own, ...features, ...stream].map((name) => [name, 0])),
      // Looks at the drop folder end every minute.
      'idle-looks': expect.any(Number),
    };
    expect(await clean(1)).toEqual(nothing);
    const ended = await sql(`SELECT 1 FROM workflow_runs WHERE state <> 'running'`);
    expect(await clean(3)).toEqual({ ...nothing, 'run-files': ended.length });
    expect(kept()).toEqual([]);
    expect(await clean(3)).toEqual(nothing);
  });

  it('removes finished work after a month, but nothing unfinished and no origin of a model or an upload', async () => {
    await sql(`INSERT INTO jobs (kind, payload, state, finished_at) VALUES
      ('rollout-review', '{"old": true}', 'succeeded', now()), ('rollout-review', '{"old": true}', 'failed', now())`);
    await sql(
      `INSERT INTO jobs (kind, payload, enqueued_at) VALUES ('rollout-review', '{"waits": true}', now() + interval '1 day')`,
    );
    await sql(`INSERT INTO schedules (name, summary, cron, last_tick) VALUES ('test', '', '0 0 1 1 *', '2020-01-02')`);
    await sql(`INSERT INTO schedule_ticks (schedule, tick) VALUES ('test', '2020-01-01'), ('test', '2020-01-02')`);
    await sql(`INSERT INTO alerts (kind, severity, subject, dedupe_key, state, resolved_at) VALUES
      ('test', 'info', 'over', 'a', 'resolved', now()), ('test', 'info', 'open', 'b', 'open', NULL)`);
    await clean(31);
    expect(await names('SELECT name FROM workflow_runs')).toEqual(['training']);
    expect(await names('SELECT version AS name FROM model_versions ORDER BY id')).toEqual([
      training.model_version,
      'again',
    ]);
    // What is left: the steps of the training, the upload and what waits.
    expect(
      await names(
        `SELECT DISTINCT kind AS name FROM jobs WHERE id NOT IN (SELECT job_id FROM workflow_steps) ORDER BY 1`,
      ),
    ).toEqual(['quality-check', 'rollout-review', 'sales-import']);
    expect(await names(`SELECT payload ->> 'waits' AS name FROM jobs WHERE kind = 'rollout-review'`)).toEqual(['true']);
    expect(await names(`SELECT tick::text AS name FROM schedule_ticks WHERE schedule = 'test'`)).toEqual([
      expect.stringMatching(/^2020-01-02/),
    ]);
    expect(await names(`SELECT subject AS name FROM alerts WHERE kind = 'test'`)).toEqual(['open']);
    // What is forecast, and what the registry names, is served as before.
    const { body } = await get(`/forecasts/${products['SKU-1']}`).expect(200);
    expect(body.points).toHaveLength(35);
    const [{ uri }] = await sql<{ uri: string }>('SELECT features_uri AS uri FROM model_versions');
    expect(existsSync(join(api.config.lakeDir, uri))).toBe(true);
  });

  it('keeps the weeks that are current, however old, and drops earlier ones', async () => {
    const path = `/forecasts/${products['SKU-1']}?grain=week`;
    await sql(`INSERT INTO weekly_runs (run_id, model, business_date, data_hash, weeks, series_count, levels, degraded,
        published_at)
      SELECT gen_random_uuid(), model, business_date - 7, 'earlier', weeks, series_count, levels, degraded, now()
      FROM weekly_runs`);
    expect(await clean(89)).toMatchObject({ 'weekly-forecasts': 0 });
    expect(await clean(91)).toMatchObject({ 'weekly-forecasts': 1 });
    expect((await get(path).expect(200)).body.points).toHaveLength(8);
  });
});
