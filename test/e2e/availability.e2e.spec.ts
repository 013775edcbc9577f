import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { parse } from 'csv-parse/sync';
import { JobsService } from '../../src/platform/queue/index.ts';
import { iso, LAST_DAY } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

/** Days of sales. */
const DAYS = 70;
/** Days back of the day without a file, and of the first of five on which product 1 had been sold out. */
const SILENT = 10;
const EMPTY_FROM = 24;

let api: TestApi;
let worker: INestApplicationContext;
let products: Record<string, string>;
let location: string;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);

/** Twelve products that sell ten a day at price 5; the shelf of the first is empty for five days, after three units. */
function salesCsv(): string {
  const lines = ['date,sku,location,quantity_sold,price,on_hand,category'];
  for (let back = DAYS - 1; back >= 0; back--) {
    if (back === SILENT) continue;
    for (let product = 1; product <= 12; product++) {
      const isEmpty = product === 1 && back <= EMPTY_FROM && back > EMPTY_FROM - 5;
      const units = isEmpty ? 3 : 8 + ((back + product) % 5);
      lines.push(`${iso(back)},P${product},DS1,${units},5,${isEmpty ? 0 : 40},Fruit`);
    }
  }
  return `${lines.join('\n')}\n`;
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  const asAdmin = { authorization: `Bearer ${api.adminToken}` };
  const upload = await api.http
    .post('/api/v1/sales-data/upload')
    .set(asAdmin)
    .attach('file', Buffer.from(salesCsv()), 'sales.csv')
    .expect(202);
  expect(await jobEnd(api, upload.body.job_id)).toMatchObject({ state: 'succeeded' });
  const { client } = api.database;
  const bySku = await client.query('SELECT sku, product_id FROM products');
  products = Object.fromEntries(bySku.rows.map((row) => [row.sku, row.product_id]));
  location = (await client.query('SELECT location_id FROM locations')).rows[0].location_id;
  const job = await worker.get(JobsService, { strict: false }).enqueue({ kind: 'availability', payload: {} });
  expect(await jobEnd(api, job.id)).toMatchObject({ state: 'succeeded', result: { to: LAST_DAY, days: 6 } });
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('What the days were', () => {
  const days = async (sku: string, from: string, to: string) =>
    (await get(`/inventory/availability?product_id=${products[sku]}&location_id=${location}&from=${from}&to=${to}`))
      .body.days as { date: string; state: string; units_sold: number | null; estimated_demand: number | null }[];

  it('is told for each: sold, out of stock with the demand estimated, silent, not yet listed', async () => {
    const empty = await days('P1', iso(EMPTY_FROM + 1), iso(EMPTY_FROM - 5));
    expect(empty.map(({ state }) => state)).toEqual(['sold', ...new Array(5).fill('out_of_stock'), 'sold']);
    for (const { units_sold: sold, estimated_demand: demand } of empty.slice(1, 6)) {
      expect(sold).toBe(3);
      expect(demand).toBeGreaterThan(9);
      expect(demand).toBeLessThan(11);
    }
    const [silent] = await days('P2', iso(SILENT), iso(SILENT));
    expect(silent).toEqual({ date: iso(SILENT), state: 'unknown', units_sold: null, estimated_demand: null });
    const [before, first] = await days('P2', iso(DAYS), iso(DAYS - 1));
    expect([before.state, first.state]).toEqual(['not_listed', 'sold']);
    expect(await days('P2', iso(1), iso(-5))).toHaveLength(2);
  });

  it('is refused for ranges that are none', async () => {
    const path = `/inventory/availability?product_id=${products.P1}&location_id=${location}`;
    expect(JSON.stringify((await get(`${path}&from=${iso(1)}&to=${iso(3)}`).expect(400)).body)).toContain('from');
    await get(`${path}&from=2020-01-01&to=2025-01-01`).expect(400);
    await get(`${path}&from=2020-01-01`).expect(400);
  });
});

describe('Lost sales', () => {
  const range = `from=${iso(60)}&to=${LAST_DAY}`;

  it('are reported in units and money, as JSON and as CSV', async () => {
    const { body } = await get(`/reports/lost-sales?${range}`).expect(200);
    expect(body).toMatchObject({ stockout_days: 5, items: [{ sku: 'P1', location_code: 'DS1', units_sold: 15 }] });
    expect(body.lost_units).toBeGreaterThan(30);
    expect(body.lost_units).toBeLessThan(40);
    expect(body.lost_revenue).toBeCloseTo(5 * body.lost_units, 1);
    const { text } = await get(`/reports/lost-sales?${range}&format=csv`).expect(200);
    const [row]: Record<string, string>[] = parse(text, { columns: true });
    expect(Number(row.lost_units)).toBe(body.items[0].lost_units);
  });

  it('are none in other categories and on other days', async () => {
    expect((await get(`/reports/lost-sales?${range}&category=Dairy`).expect(200)).body.items).toEqual([]);
    expect((await get(`/reports/lost-sales?from=${iso(9)}&to=${LAST_DAY}`).expect(200)).body.stockout_days).toBe(0);
    await get(`/reports/lost-sales?from=${iso(1)}&to=${iso(2)}`).expect(400);
  });
});
