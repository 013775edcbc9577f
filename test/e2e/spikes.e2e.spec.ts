import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { JobsService } from '../../src/platform/queue/index.ts';
import { uploadSales } from '../support/imports.ts';
import { factKey, storeForecasts } from '../support/stored-forecasts.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const PLACES = ['S1', 'S2', 'S3', 'S4'];
const SKUS = ['CALM', 'VIRAL', 'OFFER', 'SLOW'];

let api: TestApi;
let worker: INestApplicationContext;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const post = (path: string, body: object) =>
  api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`).send(body);

/** Loads what each SKU sold at each place on a day; a negative number stands for as much on promotion. */
async function sold(date: string, units: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const lines = Object.entries(units).flatMap(([sku, row]) =>
    row.map((value, i) => `${date},${sku},${PLACES[i]},${Math.abs(value)},${value < 0 ? 1 : 0}`),
  );
  const file = ['date,sku,location,quantity_sold,promotion', ...lines].join('\n');
  expect(await jobEnd(api, await uploadSales(api, Buffer.from(file)))).toMatchObject({ state: 'succeeded' });
  const job = await worker.get(JobsService, { strict: false }).enqueue({ kind: 'forecast-monitoring', payload: {} });
  expect(await jobEnd(api, job.id)).toMatchObject({ state: 'succeeded' });
}
const alerts = async (state: string) =>
  (await get(`/alerts?kind=demand.spike&state=${state}`).expect(200)).body.items as {
    subject: string;
    occurrences: number;
    detail: Record<string, unknown>;
  }[];

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  const keys: { product: number; location: number }[] = [];
  const { client } = api.database;
  const products: number[] = [];
  for (const sku of SKUS) {
    const { body } = await post('/products', { sku, name: sku }).expect(201);
    products.push(await factKey(client, 'products', body.product_id as string));
  }
  for (const code of PLACES) {
    const { body } = await post('/locations', { code, name: code }).expect(201);
    const location = await factKey(client, 'locations', body.location_id as string);
    for (const product of products) keys.push({ product, location });
  }
  await sold('2024-01-10', Object.fromEntries(SKUS.map((sku) => [sku, [10, 10, 10, 10]])));
  await storeForecasts(
    client,
    '2024-01-10',
    keys.map((key) => ({ ...key, means: [10, 10, 10, 10], dispersion: 1 })),
  );
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('a product that suddenly sells far more than expected', () => {
  it('raises one alert a day, unless a promotion explains it or it is one place once', async () => {
    await sold('2024-01-11', {
      CALM: [11, 9, 12, 10],
      VIRAL: [45, 50, 40, 12],
      OFFER: [-45, -50, -40, -30],
      SLOW: [60, 9, 10, 11],
    });
    const found = await alerts('open');
    expect(found).toMatchObject([
      {
        subject: 'VIRAL sold 135 instead of 30 on 2024-01-11 at 3 of 4 places',
        detail: { date: '2024-01-11', sku: 'VIRAL', places: 3, places_in_all: 4, days: 1, sold: 135, expected: 30 },
      },
    ]);
  });

  it('also where a single place does it again the next day', async () => {
    await sold('2024-01-12', {
      CALM: [11, 9, 12, 10],
      VIRAL: [10, 9, 8, 12],
      OFFER: [9, 9, 9, 9],
      SLOW: [55, 9, 9, 9],
    });
    expect((await alerts('open')).map(({ subject }) => subject)).toEqual([
      'SLOW sold 55 instead of 10 on 2024-01-12 at 1 of 4 places, for the second day',
      'VIRAL sold 135 instead of 30 on 2024-01-11 at 3 of 4 places',
    ]);
  });

  it('no more once the sales are corrected, nor on a day the calendar knows', async () => {
    await sold('2024-01-11', { VIRAL: [11, 12, 9, 12] });
    expect((await alerts('resolved')).map(({ detail }) => detail.sku)).toEqual(['VIRAL']);
    await post('/signals/events', { date: '2024-01-13', name: 'Fair' }).expect(201);
    await sold('2024-01-13', { VIRAL: [45, 50, 40, 12] });
    expect((await alerts('open')).map(({ detail }) => detail.date)).toEqual(['2024-01-12']);
  });
});
