import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { uploadSales } from '../support/imports.ts';
import { iso } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

/** Within this time every process has noticed a publication. */
const NOTICED_MS = 600;
const PLACES = ['DS1', 'DS2', 'DS3', 'DS4'];
const SKUS = Array.from({ length: 6 }, (_, i) => `SKU-${i + 1}`);
const VIRAL = 'SKU-3';

interface Point {
  readonly forecast_date: string;
  readonly predicted_demand: number;
}

let api: TestApi;
let worker: INestApplicationContext;
let viewer: string;
let products: Record<string, string>;
let location: string;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${viewer}`);
const post = (path: string, body: object) =>
  api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`).send(body);

async function succeeded(jobId: string): Promise<void> {
  const { state, error } = await jobEnd(api, jobId);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
}

/** What is usual of a product at a place, give or take a seventh. */
function units(product: number, place: number, back: number): number {
  const usual = (8 + 2 * product) * (1 + place / 2);
  return Math.round(usual * (1 + (((back * 5 + product * 3 + place) % 11) - 5) / 35));
}

/** Loads the sales of some days. @param times by how much the sales of a product are multiplied */
async function sold(backs: readonly number[], times: (sku: string) => number): Promise<void> {
  const lines = backs.flatMap((back) =>
    SKUS.flatMap((sku, p) =>
      PLACES.map((place, l) => `${iso(back)},${sku},${place},${units(p, l, back) * times(sku)}`),
    ),
  );
  await succeeded(await uploadSales(api, Buffer.from(['date,sku,location,quantity_sold', ...lines].join('\n'))));
}

const forecastOf = async (sku: string): Promise<{ run_id: string | null; points: Point[] }> =>
  (await get(`/forecasts/${products[sku]}?location_id=${location}`).expect(200)).body;

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  viewer = await api.tokenOf('viewer');
  await sold(
    Array.from({ length: 200 }, (_, back) => back),
    () => 1,
  );
  await succeeded((await post('/models/train', { budget: 'quick', seed: 7 })).body.job_id);
  const { client } = api.database;
  const { rows } = await client.query('SELECT sku, product_id FROM products');
  products = Object.fromEntries(rows.map((row) => [row.sku, row.product_id]));
  const found = await client.query(`SELECT location_id FROM locations WHERE code = 'DS2'`);
  location = found.rows[0].location_id;
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('the forecasts after a product has gone viral', () => {
  it('are lifted for some days, stored and live alike, and the explanation says by how much', async () => {
    const before = await forecastOf(VIRAL);
    const calm = await forecastOf('SKU-5');
    await sold([-1], (sku) => (sku === VIRAL ? 3 : 1));
    await succeeded((await post('/forecasts/generate', {}).expect(202)).body.job_id);
    await sleep(NOTICED_MS);

    const after = await forecastOf(VIRAL);
    expect(after.points[0].forecast_date).toBe(before.points[1].forecast_date);
    const lift = (h: number) => after.points[h].predicted_demand / before.points[h + 1].predicted_demand;
    expect(lift(0)).toBeGreaterThan(1.5);
    expect(lift(0)).toBeLessThan(3);
    expect(lift(2)).toBeLessThan(lift(0));
    expect(Math.abs(lift(14) - 1)).toBeLessThan(0.15);
    const other = await forecastOf('SKU-5');
    expect(Math.abs(other.points[0].predicted_demand / calm.points[1].predicted_demand - 1)).toBeLessThan(0.1);

    const { body } = await get(`/forecasts/${products[VIRAL]}/explanation?location_id=${location}`).expect(200);
    const drivers = body.contributions as { driver: string; units: number }[];
    const spike = drivers.find(({ driver }) => driver === 'demand_spike')?.units ?? NaN;
    expect(drivers.reduce((sum, driver) => sum + driver.units, 0)).toBeCloseTo(after.points[0].predicted_demand, 3);
    expect(spike).toBeGreaterThan(0.3 * after.points[0].predicted_demand);
    const change = body.previous.contributions as { driver: string; units: number }[];
    expect(change.find(({ driver }) => driver === 'demand_spike')?.units).toBeCloseTo(spike, 5);

    await api.database.client.query('DELETE FROM forecast_series');
    await api.database.client.query('UPDATE data_clock SET load_sequence = load_sequence + 1');
    await api.database.client.query('UPDATE forecast_clock SET publications = publications + 1');
    await sleep(NOTICED_MS);
    const live = await forecastOf(VIRAL);
    expect(live.run_id).toBeNull();
    expect(live.points).toEqual(after.points);
  });
});
