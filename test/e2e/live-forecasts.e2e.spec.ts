import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_ROWS } from '../../src/forecasts/live/live-plan.ts';
import { PanelLoader } from '../../src/forecasts/training/panel-loader.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { SalesService } from '../../src/sales/index.ts';
import { iso, LAST_DAY, salesCsv } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

/** Within this time every process has noticed a publication. */
const NOTICED_MS = 600;

let api: TestApi;
let worker: INestApplicationContext;
let viewer: string;
let products: Record<string, string>;
let locations: Record<string, string>;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${viewer}`);

async function succeeded(accepted: { body: { job_id: string } }): Promise<void> {
  const { state, error } = await jobEnd(api, accepted.body.job_id);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
}

/** Takes the current forecasts away from what is served, as for series sold since the last run by a load of sales. */
async function forget(): Promise<void> {
  await api.database.client.query('DELETE FROM forecast_series');
  await api.database.client.query('UPDATE data_clock SET load_sequence = load_sequence + 1');
  await api.database.client.query('UPDATE forecast_clock SET publications = publications + 1');
  await sleep(NOTICED_MS);
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  viewer = await api.tokenOf('viewer');
  const asAdmin = { authorization: `Bearer ${api.adminToken}` };
  await succeeded(
    await api.http
      .post('/api/v1/sales-data/upload')
      .set(asAdmin)
      .attach('file', Buffer.from(salesCsv()), 'sales.csv')
      .expect(202),
  );
  await succeeded(await api.http.post('/api/v1/models/train').set(asAdmin).send({ budget: 'quick', seed: 7 }));
  const { client } = api.database;
  const bySku = await client.query('SELECT sku, product_id FROM products');
  products = Object.fromEntries(bySku.rows.map((row) => [row.sku, row.product_id]));
  const byCode = await client.query('SELECT code, location_id FROM locations');
  locations = Object.fromEntries(byCode.rows.map((row) => [row.code, row.location_id]));
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('What is not stored', () => {
  let batch: Record<string, unknown[]>;
  const paths = () => [
    `/forecasts/${products['SKU-1']}`,
    `/forecasts/${products['SKU-1']}?location_id=${locations.DS2}`,
    `/forecasts/${products['SKU-5']}?location_id=${locations.DS1}`,
    `/forecasts/${products['SKU-NEW']}?location_id=${locations.DS1}`,
  ];

  beforeAll(async () => {
    batch = {};
    for (const path of paths()) batch[path] = (await get(path).expect(200)).body.points;
  });

  it('reaches beyond the horizon of the run, with its numbers on its days', async () => {
    const [, path] = paths();
    const { body } = await get(`${path}&to=${iso(-40)}`).expect(200);
    expect(body).toMatchObject({ run_id: null, degraded: ['events'], data_sufficiency: 'full' });
    expect(body.points).toHaveLength(40);
    expect(body.points.slice(0, 28)).toEqual(batch[path]);
    expect(body.points[39].forecast_date).toBe(iso(-40));
  });

  it('stays what is stored where nobody can forecast so far', async () => {
    const [path] = paths();
    const { body } = await get(`${path}?to=${iso(-400)}`).expect(200);
    expect(body.run_id).not.toBeNull();
    expect(body.points).toEqual(batch[path]);
    expect(body.degraded).toEqual(['events', 'horizon']);
  });

  it('is forecast once for fifty who ask at the same time, as the batch forecast it', async () => {
    const load = jest.spyOn(PanelLoader.prototype, 'load');
    await forget();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => get(paths()[i % 4]).then((answer) => ({ path: paths()[i % 4], answer }))),
    );
    for (const { path, answer } of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({ run_id: null, degraded: ['events'] });
      expect(answer.body.points).toEqual(batch[path]);
    }
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('is not guessed where nothing was sold, nor as of an earlier day', async () => {
    await get(`/forecasts/${products['SKU-NEW']}?location_id=${locations.DS2}`).expect(404);
    await get(`${paths()[0]}?as_of=${iso(1)}`).expect(404);
  });

  it('looks at the category alone in a large assortment, and says so', async () => {
    const count = SalesService.prototype.rowsStored;
    jest.spyOn(SalesService.prototype, 'rowsStored').mockImplementation(function (this: SalesService, ...named) {
      return named[0] ? count.apply(this, named) : Promise.resolve(MOST_ROWS + 1);
    });
    await forget();
    const { body } = await get(paths()[1]).expect(200);
    expect(body).toMatchObject({ run_id: null, degraded: ['events', 'location_totals'] });
    expect(body.points).toHaveLength(28);
    const units = (points: unknown[]) =>
      (points as { predicted_demand: number }[]).reduce((sum, point) => sum + point.predicted_demand, 0);
    expect(units(body.points) / units(batch[paths()[1]])).toBeGreaterThan(0.7);
    expect(units(body.points) / units(batch[paths()[1]])).toBeLessThan(1.4);
  });

  it('becomes a job where even that is too much, after which it is stored', async () => {
    jest.spyOn(SalesService.prototype, 'rowsStored').mockResolvedValue(MOST_ROWS + 1);
    await forget();
    const accepted = await get(paths()[1]).expect(202);
    expect(accepted.body).toEqual({ job_id: expect.any(String), status_url: expect.any(String) });
    await succeeded(accepted);
    await sleep(NOTICED_MS);
    const { body } = await get(paths()[1]).expect(200);
    expect(body.run_id).toEqual(expect.any(String));
    expect(body.points).toEqual(batch[paths()[1]]);
    expect(LAST_DAY < body.points[0].forecast_date).toBe(true);
  });
});

describe('An explanation', () => {
  interface Contribution {
    readonly driver: string;
    readonly units: number;
  }
  const path = (query = '') => `/forecasts/${products['SKU-1']}/explanation${query}`;
  const at = (code: string, query = '') => path(`?location_id=${locations[code]}${query}`);
  const sum = (contributions: Contribution[]) => contributions.reduce((total, { units }) => total + units, 0);
  const unitsOf = (driver: string, contributions: Contribution[]) =>
    contributions.find((contribution) => contribution.driver === driver)?.units ?? NaN;

  it('takes the stored forecast of a day apart, in units that add up to it', async () => {
    const { body: forecast } = await get(`/forecasts/${products['SKU-1']}?location_id=${locations.DS2}`).expect(200);
    const { body } = await get(at('DS2', `&date=${iso(-3)}`)).expect(200);
    expect(body).toMatchObject({
      sku: 'SKU-1',
      run_id: forecast.run_id,
      forecast_date: iso(-3),
      business_date: LAST_DAY,
    });
    expect(body.predicted_demand).toBeCloseTo(forecast.points[2].predicted_demand, 3);
    expect(sum(body.contributions)).toBeCloseTo(forecast.points[2].predicted_demand, 3);
    expect(unitsOf('level', body.contributions)).toBeGreaterThan(3);
    // What the same model had said from the same sales is no other forecast.
    expect(body.previous).toBeNull();
  });

  it('of the sum over the places is the sum of theirs, made with them', async () => {
    const enqueue = jest.spyOn(JobsService.prototype, 'enqueue');
    const [total, first, second] = await Promise.all([get(path()), get(at('DS1')), get(at('DS2'))]);
    expect(enqueue).not.toHaveBeenCalled();
    expect(total.body.location_id).toBeNull();
    for (const driver of ['level', 'weekday', 'holiday'])
      expect(unitsOf(driver, total.body.contributions)).toBeCloseTo(
        unitsOf(driver, first.body.contributions) + unitsOf(driver, second.body.contributions),
        3,
      );
  });

  it('tells what a day of sales changed', async () => {
    const asAdmin = { authorization: `Bearer ${api.adminToken}` };
    const { body: before } = await get(at('DS2', `&date=${iso(-5)}`)).expect(200);
    const day = ['DS1', 'DS2'].map((place) => `${iso(-1)},SKU-1,${place},60`);
    const file = `date,sku,location,quantity_sold\n${day.join('\n')}\n`;
    await succeeded(
      await api.http.post('/api/v1/sales-data/upload').set(asAdmin).attach('file', Buffer.from(file), 'day.csv'),
    );
    await succeeded(await api.http.post('/api/v1/forecasts/generate').set(asAdmin).send({}).expect(202));
    await sleep(NOTICED_MS);
    const { body } = await get(at('DS2', `&date=${iso(-5)}`)).expect(200);
    expect(body.business_date).toBe(iso(-1));
    const { previous } = body;
    expect(previous).toMatchObject({ run_id: before.run_id, same_model: true, new_sales_days: 1 });
    expect(previous.predicted_demand).toBeCloseTo(before.predicted_demand, 3);
    expect(previous.change).toBeCloseTo(body.predicted_demand - before.predicted_demand, 3);
    expect(sum(previous.contributions)).toBeCloseTo(previous.change, 3);
    expect(previous.change).toBeGreaterThan(0.5);
    expect(unitsOf('level', previous.contributions)).toBeGreaterThan(0.3 * previous.change);
  });

  it('is refused for days that are none or not forecast', async () => {
    const { body } = await get(path('?date=2025-02-30')).expect(400);
    expect(JSON.stringify(body)).toContain('date');
    await get(path(`?date=${iso(0)}`)).expect(404);
    await get(path(`?date=${iso(-60)}`)).expect(404);
    await get(`/forecasts/${products['SKU-NEW']}/explanation?location_id=${locations.DS2}`).expect(404);
  });
});
