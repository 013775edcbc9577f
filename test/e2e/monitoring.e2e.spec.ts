import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { inputShifts, stabilityIndex } from '../../src/forecasts/monitoring/input-drift.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { factKey, setClock, storeForecasts, storeSales } from '../support/stored-forecasts.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const LEVELS = [0.005, 0.025, 0.1, 0.165, 0.25, 0.5, 0.75, 0.835, 0.9, 0.975, 0.995];

let api: TestApi;
let worker: INestApplicationContext;
let products: string[];
let place: string;
let keys: { product: number; location: number }[];

const send = (method: 'get' | 'post', path: string, body?: object) => {
  const request = api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
  return body ? request.send(body) : request;
};
const sql = async <T>(text: string, values: unknown[] = []) =>
  (await api.database.client.query(text, values)).rows as T[];

async function watch(): Promise<Record<string, unknown> | null> {
  const job = await worker.get(JobsService, { strict: false }).enqueue({ kind: 'forecast-monitoring', payload: {} });
  const { state, error, result } = await jobEnd(api, job.id);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
  return result;
}

/** Loads a file of sales that says something else of some days. */
async function correct(...lines: string[]): Promise<void> {
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(['date,sku,location,quantity_sold', ...lines, ''].join('\n')), 'corrections.csv')
    .expect(202);
  expect(await jobEnd(api, body.job_id)).toMatchObject({ state: 'succeeded' });
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  products = [];
  for (const sku of ['STEADY', 'SURPRISE', 'STREAK', 'EMPTY'])
    products.push((await send('post', '/products', { sku, name: sku }).expect(201)).body.product_id);
  place = (await send('post', '/locations', { code: 'S1', name: 'Store' }).expect(201)).body.location_id;
  const { client } = api.database;
  const location = await factKey(client, 'locations', place);
  keys = [];
  for (const id of products) keys.push({ product: await factKey(client, 'products', id), location });
  // Forecast after the 10th and, of one series alone, again after the 12th.
  await storeForecasts(
    client,
    '2024-01-10',
    keys.map((key) => ({ ...key, means: [10, 10, 10, 10, 10], dispersion: 1 })),
  );
  await storeForecasts(client, '2024-01-12', [{ ...keys[0], means: [12, 12, 12], dispersion: 1 }]);
  await sql(`UPDATE forecast_runs SET levels = $1`, [LEVELS]);
  await sql(
    `UPDATE forecasts SET p10 = 8, p50 = 10, p90 = 13, mean = mean, quantiles = '{5,6,8,8.5,9,10,11,12,13,16,20}'`,
  );
  // 5, 6 at .5 and 2.5 %: P1 is 5.405; 16, 20 at 97.5 and 99.5 %: P99 is 18.379.
  const days = async (key: (typeof keys)[number], units: readonly number[]) => {
    for (const [i, value] of units.entries())
      await sql(`INSERT INTO sales (product, location, date, quantity_sold) VALUES ($1, $2, $3::date + $4::int, $5)`, [
        key.product,
        key.location,
        '2024-01-11',
        i,
        value,
      ]);
  };
  await storeSales(client, { ...keys[0], units: 10 }, '2024-01-01', '2024-01-10');
  await days(keys[0], [10, 11, 10, 9]);
  await days(keys[1], [10, 19.5, 10, 5]);
  await days(keys[2], [14, 14, 14, 14]);
  // Out of stock on each day: nothing sold says nothing.
  await days(keys[3], [0, 0, 0, 0]);
  await sql('UPDATE sales SET on_hand = 0 WHERE product = $1', [keys[3].product]);
  await sql(`INSERT INTO sales_daily (location, date, sales_rows, zero_rows, quantity, revenue, load_sequence)
    SELECT location, date, count(*), 0, sum(quantity_sold), 0, 1 FROM sales GROUP BY 1, 2`);
  await sql(
    `INSERT INTO sales_series (product, location, sales_rows, first_date, last_date)
     SELECT product, location, count(*), min(date), max(date) FROM sales GROUP BY 1, 2 ON CONFLICT DO NOTHING`,
  );
  await setClock(client, '2024-01-01', '2024-01-14');
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('watching the forecasts', () => {
  it('finds the days that were planted, and no other', async () => {
    expect(await watch()).toMatchObject({ days: 4 });
    const { body } = await send('get', '/forecasts/anomalies').expect(200);
    const found = body.items.map((a: Record<string, unknown>) => [
      a.date,
      a.sku,
      a.kind,
      a.side,
      Math.round(1000 * Number(a.lower)) / 1000,
      Math.round(1000 * Number(a.upper)) / 1000,
    ]);
    expect(found).toEqual([
      ['2024-01-14', 'SURPRISE', 'outlier', 'below', 5.405, 18.379],
      ['2024-01-14', 'STREAK', 'streak', 'above', 8, 13],
      ['2024-01-13', 'STREAK', 'streak', 'above', 8, 13],
      ['2024-01-12', 'SURPRISE', 'outlier', 'above', 5.405, 18.379],
    ]);
    const { body: alerts } = await send('get', '/alerts?kind=forecast.anomalies').expect(200);
    expect(alerts.items.map(({ detail }: { detail: { date: string; series: number } }) => detail)).toEqual([
      { date: '2024-01-14', series: 2 },
      { date: '2024-01-13', series: 1 },
      { date: '2024-01-12', series: 1 },
    ]);
    const one = (await send('get', `/forecasts/anomalies?product_id=${products[2]}&to=2024-01-13`).expect(200)).body;
    expect(one.items).toHaveLength(1);
    const page = (await send('get', '/forecasts/anomalies?limit=3').expect(200)).body;
    const rest = (await send('get', `/forecasts/anomalies?limit=3&cursor=${page.next_cursor}`).expect(200)).body;
    expect([...page.items, ...rest.items]).toEqual(body.items);
  });

  it('keeps sums whose every cut equals the forecasts and sales themselves', async () => {
    const versions = await sql<{ version: string; date: string }>(
      `SELECT m.version, r.business_date AS date FROM forecast_runs r JOIN model_versions m ON m.id = r.model ORDER BY r.id`,
    );
    // First vintage: three series over four days, actuals less 10.
    const errors = [0, 1, 0, -1, 0, 9.5, 0, -5, 4, 4, 4, 4].map((e) => -e);
    const units = 40 + 44.5 + 56;
    const { body } = await send('get', `/models/${versions[0].version}/accuracy`).expect(200);
    const absolute = errors.reduce((sum, e) => sum + Math.abs(e), 0);
    expect(body.overall).toMatchObject({ count: 12, units, coverage: 6 / 12 });
    expect(body.overall.wape).toBeCloseTo(absolute / units, 6);
    expect(body.overall.bias).toBeCloseTo(errors.reduce((sum, e) => sum + e, 0) / units, 6);
    expect(body.overall.rmse).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 12), 6);
    expect(body.by_horizon.map(({ part, count }: Record<string, unknown>) => [part, count])).toEqual([['1-7', 12]]);
    expect(body.by_vintage.map(({ part }: Record<string, unknown>) => part)).toEqual(['2024-01-10']);
    const { body: second } = await send('get', `/models/${versions[1].version}/accuracy`).expect(200);
    expect(second.overall).toMatchObject({ count: 2, units: 19 });
    expect(second.overall.bias).toBeCloseTo(5 / 19, 6);
    await send('get', '/models/nobody/accuracy').expect(404);
  });

  it('tells of a product by version, and leaves out days that ended without stock', async () => {
    const { body } = await send('get', `/forecasts/${products[0]}/accuracy?location_id=${place}`).expect(200);
    expect(body.live).toMatchObject([
      { from: '2024-01-13', to: '2024-01-14', count: 2 },
      { from: '2024-01-11', to: '2024-01-14', count: 4, coverage: 1 },
    ]);
    expect(body.live[0].bias).toBeCloseTo(5 / 19, 10);
    expect(body.live[1].mae).toBeCloseTo(2 / 4, 10);
    // Of 10, 11, 10 and 9 at a median of 10.
    expect(body.live[1].pinball[LEVELS.indexOf(0.5)].loss).toBeCloseTo(1 / 4, 10);
    const everywhere = (await send('get', `/forecasts/${products[1]}/accuracy`).expect(200)).body;
    expect(everywhere.live).toMatchObject([{ count: 4, mae: 14.5 / 4 }]);
    expect((await send('get', `/forecasts/${products[3]}/accuracy`).expect(200)).body.live).toEqual([]);
  });

  it('does nothing twice, and follows a correction', async () => {
    expect(await watch()).toEqual({ days: 0 });
    await correct('2024-01-12,SURPRISE,S1,12');
    // The day and the two after it, to which a streak may reach.
    expect(await watch()).toMatchObject({ days: 3 });
    const { body } = await send('get', `/forecasts/anomalies?product_id=${products[1]}`).expect(200);
    expect(body.items.map(({ date }: { date: string }) => date)).toEqual(['2024-01-14']);
    const { body: alerts } = await send('get', '/alerts?kind=forecast.anomalies&state=resolved').expect(200);
    expect(alerts.items.map(({ detail }: { detail: { date: string } }) => detail.date)).toEqual(['2024-01-12']);
  });

  it('does not take a place that has not reported a day for one that sold nothing', async () => {
    await sql(`UPDATE data_clock SET load_sequence = load_sequence + 1, business_date = '2024-01-15'`);
    expect(await watch()).toMatchObject({ days: 0 });
    const { body } = await send('get', '/forecasts/anomalies?from=2024-01-15').expect(200);
    expect(body.items).toEqual([]);
  });

  it('judges exactly what was corrected, however old, and keeps what archived vintages did', async () => {
    const [{ version }] = await sql<{ version: string }>('SELECT version FROM model_versions ORDER BY id LIMIT 1');
    const unitsOf = async () => (await send('get', `/models/${version}/accuracy`).expect(200)).body.overall.units;
    const before = await unitsOf();
    await sql(`UPDATE data_clock SET load_sequence = load_sequence + 1, business_date = '2024-02-25'`);
    expect(await watch()).toMatchObject({ days: 0 });
    await correct('2024-01-11,STEADY,S1,25');
    expect(await watch()).toMatchObject({ days: 3 });
    expect(await unitsOf()).toBe(before + 15);
    const { body } = await send('get', `/forecasts/anomalies?product_id=${products[0]}`).expect(200);
    expect(body.items).toMatchObject([{ date: '2024-01-11', kind: 'outlier', side: 'above', actual: 25 }]);
    await sql(`UPDATE forecast_runs SET archived_at = now() WHERE business_date = '2024-01-10'`);
    // What the second vintage forecast is judged again, of the first nobody knows any more what it said.
    await correct('2024-01-13,STEADY,S1,11', '2024-01-11,STEADY,S1,30');
    expect(await watch()).toMatchObject({ days: 3 });
    expect(await unitsOf()).toBe(before + 15);
    expect((await send('get', `/forecasts/anomalies?product_id=${products[0]}`).expect(200)).body).toEqual(body);
  });

  it('has a model trained whose champion drifts, in one with the alert', async () => {
    await sql(`UPDATE model_versions SET stage = 'champion' WHERE id = (SELECT max(id) FROM model_versions)`);
    await sql(`INSERT INTO live_accuracy
      SELECT '2024-02-25'::date - i, m.id, '2024-02-25'::date - i - 1, 'smooth', 10, 100, 60, 60, 600, 5, 1, 1, 1
      FROM generate_series(1, 7) AS i, model_versions AS m WHERE m.stage = 'champion'`);
    await sql('UPDATE data_clock SET load_sequence = load_sequence + 1');
    expect(await watch()).toMatchObject({ days: 0, drift: ['bias 0.600'] });
    const [{ version }] = await sql<{ version: string }>(`SELECT version FROM model_versions WHERE stage = 'champion'`);
    const { text } = await api.http.get('/metrics').set('authorization', `Bearer ${api.adminToken}`).expect(200);
    for (const measure of ['bias', 'wape'])
      expect(text.split('\n').filter((line) => line.startsWith(`forecast_${measure}_percent{`))).toEqual([
        `forecast_${measure}_percent{model_version="${version}"} 60`,
      ]);
    const trainings = await sql<{ id: string }>(`SELECT id FROM workflow_runs WHERE name = 'training'`);
    const { body } = await send('get', '/alerts?kind=model.drift').expect(200);
    expect(body.items).toMatchObject([{ state: 'open', occurrences: 1, detail: { training_job_id: trainings[0].id } }]);
    expect(trainings).toHaveLength(1);
    await api.http
      .delete(`/api/v1/jobs/${trainings[0].id}`)
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200);
  });

  it('sees that the levels of many series have moved since the training', async () => {
    const [{ run }] = await sql<{ run: number }>('SELECT max(id) AS run FROM forecast_runs');
    const { location } = keys[0];
    await sql(`INSERT INTO sales_series (product, location, sales_rows, first_date, last_date)
      SELECT 1000 + i, ${location}, 49, '2024-01-02', '2024-02-25' FROM generate_series(1, 200) AS i`);
    await sql(`INSERT INTO forecast_series (product, location, run, data_sufficiency, segment, dispersion)
      SELECT 1000 + i, ${location}, ${run}, 'full', 'erratic', 1 FROM generate_series(1, 200) AS i`);
    await sql(`SELECT ensure_sales_partition('2024-02-01')`);
    // Twice as much as learned, in the last four weeks.
    await sql(`INSERT INTO sales (product, location, date, quantity_sold)
      SELECT 1000 + i, ${location}, d::date, CASE WHEN d > '2024-01-28' THEN 2 * i ELSE i END
      FROM generate_series(1, 200) AS i, generate_series('2024-01-02'::timestamp, '2024-02-25', '1 day') AS d`);
    const shifts = await inputShifts(worker.get(DataSource), '2024-01-31', '2024-02-25');
    expect(shifts).toEqual([{ segment: 'erratic', series: 200, index: expect.any(Number) }]);
    const trained = Float64Array.from({ length: 200 }, (_, i) => ((i + 1) * (25 + 2 * 3)) / 28);
    expect(shifts[0].index).toBeCloseTo(
      stabilityIndex(
        trained,
        trained.map((_, i) => 2 * (i + 1)),
        10,
      ),
      9,
    );
    expect(shifts[0].index).toBeGreaterThan(0.25);
  });

  it.each([
    ['?from=2024-02-01&to=2024-01-01', 'from'],
    ['?from=yesterday', 'from'],
    ['?product_id=7', 'product_id'],
    ['?cursor=WzFd', 'cursor'],
  ])('refuses %s', async (query, field) => {
    const { body } = await send('get', `/forecasts/anomalies${query}`).expect(400);
    expect(body.errors[0].field).toBe(field);
  });
});
