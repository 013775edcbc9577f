import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { randomUUID } from 'node:crypto';
import { factKey, setClock, storeForecasts, storeSales } from '../support/stored-forecasts.ts';
import { startApi, TestApi } from '../support/test-app.ts';

const RECOMMENDATIONS = '/reports/inventory-recommendations';
const SUMMARY = '/reports/forecast-summary';

interface Row {
  readonly [field: string]: string | number | null;
}

let api: TestApi;
let planner: string;
let run: string;
const ids: Record<string, string> = {};

function call(method: 'get' | 'post' | 'put', path: string, token: string = planner) {
  return api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${token}`);
}

async function add(path: string, body: { sku?: string; code?: string; [field: string]: unknown }): Promise<number> {
  const { body: answer } = await call('post', path).send(body).expect(201);
  const product = body.sku !== undefined;
  const id = (product ? answer.product_id : answer.location_id) as string;
  ids[body.sku ?? body.code ?? ''] = id;
  return factKey(api.database.client, product ? 'products' : 'locations', id);
}

async function pages(path: string, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body }: { body: { items: Row[]; next_cursor: string | null } } = await call(
      'get',
      `${path}${cursor && `&cursor=${cursor}`}&limit=${limit}`,
    ).expect(200);
    rows.push(...body.items);
    cursor = body.next_cursor;
  }
  return rows;
}

const csv = (text: string): Row[] => parse(text, { columns: true });
const week = (units: number) => Array.from({ length: 28 }, () => units);

beforeAll(async () => {
  api = await startApi();
  planner = await api.tokenOf('planner');
  const { client } = api.database;
  const terms = { lead_time_days: 6, service_level: 0.9 };
  const milk = await add('/products', { sku: 'MILK', name: 'Milk, "whole"', category: 'Dairy', ...terms });
  const curd = await add('/products', { sku: 'CURD', name: '=cmd|calc', category: 'Dairy', pack_size: 12, ...terms });
  const rice = await add('/products', { sku: 'RICE', name: 'Rice', category: 'Staples', ...terms });
  const gone = await add('/products', { sku: 'GONE', name: 'Gone', category: 'Dairy', ...terms });
  const north = await add('/locations', { code: 'N', name: 'North' });
  const south = await add('/locations', { code: 'S', name: 'South' });
  await storeSales(client, { product: milk, location: north, units: 4, onHand: 10 }, '2016-04-01', '2016-05-22');
  await storeSales(client, { product: milk, location: south, units: 6 }, '2016-04-01', '2016-05-22');
  await storeSales(client, { product: rice, location: south, units: 2, onHand: 500 }, '2016-04-01', '2016-05-22');
  await setClock(client, '2016-04-01', '2016-05-22');
  run = await storeForecasts(client, '2016-05-22', [
    { product: milk, location: north, means: week(5), dispersion: 3 },
    { product: milk, location: south, means: week(7), dispersion: 3 },
    { product: milk, location: 0, means: week(12), dispersion: 2 },
    { product: curd, location: north, means: week(3), dispersion: 1 },
    { product: curd, location: 0, means: week(3), dispersion: 1 },
    { product: rice, location: south, means: week(1), dispersion: 1 },
    { product: rice, location: 0, means: week(1), dispersion: 1 },
    { product: gone, location: north, means: week(100), dispersion: 1 },
    { product: gone, location: 0, means: week(100), dispersion: 1 },
  ]);
  await api.http.delete(`/api/v1/products/${ids.GONE}`).set('authorization', `Bearer ${planner}`).expect(204);
});
afterAll(async () => api.stop());

describe('inventory recommendations', () => {
  it('give the reorder point of the formula: P90 of a negative binomial with mean 35 and variance 105', async () => {
    const { body } = await call('get', `${RECOMMENDATIONS}?location_id=${ids.N}&category=Dairy`).expect(200);
    const milk = body.items.find((item: Row) => item.sku === 'MILK');
    expect(milk).toMatchObject({
      product_id: ids.MILK,
      name: 'Milk, "whole"',
      category: 'Dairy',
      location_id: ids.N,
      location_code: 'N',
      on_hand: 10,
      on_order: 0,
      lead_time_days: 6,
      service_level: 0.9,
      lead_time_demand: 35,
      lead_time_demand_quantile: 49,
      safety_stock: 14,
      reorder_point: 49,
      recommended_quantity: 39,
      expected_waste: 0,
    });
    expect(milk.stockout_probability).toBeGreaterThan(0);
    expect(milk.stockout_probability).toBeLessThanOrEqual(0.1);
    expect(milk.reason).toContain('order 39');
  });

  it('follow the stock at once', async () => {
    const path = `/inventory/${ids.MILK}?location_id=${ids.S}`;
    const before = await call('get', `${RECOMMENDATIONS}?location_id=${ids.S}`).expect(200);
    expect(before.body.items[0]).toMatchObject({ sku: 'MILK', on_hand: 0 });
    expect(before.body.items[0].reason).toContain('not known');
    await call('put', path).send({ on_hand: 1000, on_order: 5 }).expect(200);
    const { body } = await call('get', `${RECOMMENDATIONS}?location_id=${ids.S}`).expect(200);
    const milk = body.items.find((item: Row) => item.sku === 'MILK');
    expect(milk).toMatchObject({ on_hand: 1000, on_order: 5, recommended_quantity: 0 });
    expect(milk.reason).not.toContain('not known');
  });

  it('come in whole pages, the most urgent first, without what is off the catalogue', async () => {
    const whole = await pages(`${RECOMMENDATIONS}?format=json`, 100);
    expect(whole.map(({ sku, location_code }) => `${sku} ${location_code}`)).toEqual([
      'CURD N',
      'MILK N',
      'MILK S',
      'RICE S',
    ]);
    expect(Number(whole[0].recommended_quantity) % 12).toBe(0);
    expect(await pages(`${RECOMMENDATIONS}?format=json`, 1)).toEqual(whole);
  });

  it('say the same as CSV, with formulas made harmless and numbers left numbers', async () => {
    const { text, headers } = await call('get', `${RECOMMENDATIONS}?format=csv&limit=1`).expect(200);
    expect(headers['content-type']).toMatch(/^text\/csv; charset=utf-8/);
    expect(headers['content-disposition']).toBe('attachment; filename="inventory-recommendations.csv"');
    const rows = csv(text);
    const json = await pages(`${RECOMMENDATIONS}?format=json`, 100);
    expect(rows.map(({ sku }) => sku)).toEqual(json.map(({ sku }) => sku));
    expect(Object.keys(rows[0]).sort()).toEqual(Object.keys(json[0]).sort());
    expect(rows[0].name).toBe("'=cmd|calc");
    expect(rows[1].name).toBe('Milk, "whole"');
    for (const [index, row] of rows.entries()) {
      for (const field of ['on_hand', 'lead_time_demand', 'safety_stock', 'reorder_point', 'stockout_probability'])
        expect(Number(row[field])).toBe(json[index][field]);
    }
  });

  it.each([
    ['format=xlsx', 'format'],
    ['format=pdf', 'format'],
    ['location_id=here', 'location_id'],
    ['limit=0', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['colour=red', 'colour'],
  ])('refuse %s and name the field', async (query, field) => {
    for (const path of [RECOMMENDATIONS, SUMMARY]) {
      const { status, body } = await call('get', `${path}?${query}`);
      expect(status).toBe(400);
      expect(body.errors[0].field).toBe(field);
    }
  });
});

describe('forecast summary', () => {
  it('sums by category and week beside the days before', async () => {
    const { body } = await call('get', SUMMARY).expect(200);
    expect(body).toMatchObject({
      run_id: run,
      business_date: '2016-05-22',
      from: '2016-05-23',
      to: '2016-06-19',
      previous_from: '2016-04-25',
      previous_to: '2016-05-22',
      next_cursor: null,
    });
    expect(body.generated_at).toMatch(/Z$/);
    expect(body.totals).toMatchObject({
      predicted_demand: 448,
      previous_demand: 336,
      trend_percent: 33.33,
      products: 3,
    });
    expect(
      body.categories.map(({ category, predicted_demand, products }: Row) => [category, predicted_demand, products]),
    ).toEqual([
      ['Dairy', 420, 2],
      ['Staples', 28, 1],
    ]);
    expect(body.categories[0].weeks).toHaveLength(4);
    expect(body.categories[0].weeks[0]).toEqual({
      week_start: '2016-05-23',
      from: '2016-05-23',
      to: '2016-05-29',
      predicted_demand: 105,
      previous_demand: 70,
      trend_percent: 50,
    });
    const milk = body.items[0];
    expect(milk).toMatchObject({
      sku: 'MILK',
      predicted_demand: 336,
      previous_demand: 280,
      trend_percent: 20,
      run_id: run,
    });
    // A sum of 28 independent days: mean 336, variance 672, so about 336 ± 1.28 · 26.
    expect(milk.p10).toBeGreaterThan(295);
    expect(milk.p10).toBeLessThan(310);
    expect(milk.p90).toBeGreaterThan(362);
    expect(milk.p90).toBeLessThan(377);
  });

  it('has totals that are the sum of its products, on every page the same', async () => {
    const { body } = await call('get', `${SUMMARY}?limit=2`).expect(200);
    const items = await pages(`${SUMMARY}?format=json`, 2);
    expect(items.map(({ sku }) => sku)).toEqual(['MILK', 'CURD', 'RICE']);
    const sum = (field: string, rows: Row[]) => rows.reduce((total, row) => total + Number(row[field]), 0);
    for (const field of ['predicted_demand', 'previous_demand']) {
      expect(body.totals[field]).toBeCloseTo(sum(field, items), 6);
      expect(body.totals[field]).toBeCloseTo(sum(field, body.categories), 6);
      expect(body.totals[field]).toBeCloseTo(sum(field, body.totals.weeks), 6);
    }
  });

  it('is narrowed by place, category and days', async () => {
    const { body: place } = await call('get', `${SUMMARY}?location_id=${ids.S}`).expect(200);
    expect(place.totals).toMatchObject({ predicted_demand: 224, previous_demand: 224, trend_percent: 0, products: 2 });
    const { body: dairy } = await call('get', `${SUMMARY}?category=Dairy&from=2016-05-25&to=2016-05-31`).expect(200);
    expect(dairy).toMatchObject({ from: '2016-05-25', to: '2016-05-31', previous_from: '2016-05-16' });
    expect(dairy.totals).toMatchObject({ predicted_demand: 105, products: 2 });
    expect(dairy.totals.weeks).toHaveLength(2);
    const { body: none } = await call('get', `${SUMMARY}?category=Toys`).expect(200);
    expect(none).toMatchObject({ run_id: null, totals: { predicted_demand: 0, products: 0 }, items: [] });
  });

  it.each([
    ['from=2016-07-01', 'from'],
    ['to=2016-05-22', 'to'],
    ['from=2016-06-02&to=2016-06-01', 'to'],
    ['from=2016-02-30', 'from'],
  ])('refuses %s and names the field', async (query, field) => {
    const { status, body } = await call('get', `${SUMMARY}?${query}`);
    expect(status).toBe(400);
    expect(body.errors[0].field).toBe(field);
  });

  it('says the same as CSV', async () => {
    const { text, headers } = await call('get', `${SUMMARY}?format=csv`).expect(200);
    expect(headers['content-disposition']).toBe('attachment; filename="forecast-summary.csv"');
    const rows = csv(text);
    const levels = new Map<unknown, number>();
    for (const { level } of rows) levels.set(level, (levels.get(level) ?? 0) + 1);
    expect(Object.fromEntries(levels)).toEqual({ total: 1, week: 4, category: 2, category_week: 8, product: 3 });
    const units = (level: string) =>
      rows.filter((row) => row.level === level).reduce((sum, row) => sum + Number(row.predicted_demand), 0);
    for (const level of ['total', 'week', 'category', 'category_week', 'product'])
      expect(units(level)).toBeCloseTo(448, 6);
    expect(rows.find(({ sku }) => sku === 'CURD')?.name).toBe("'=cmd|calc");
  });
});

describe('access', () => {
  it('is for planners', async () => {
    const viewer = await api.tokenOf('viewer');
    for (const path of [RECOMMENDATIONS, SUMMARY]) await call('get', path, viewer).expect(403);
  });

  it('ends at the places of the caller', async () => {
    const limited = await api.tokenOf('planner', [ids.N]);
    const { body } = await call('get', RECOMMENDATIONS, limited).expect(200);
    expect(new Set(body.items.map((item: Row) => item.location_code))).toEqual(new Set(['N']));
    const { body: summary } = await call('get', SUMMARY, limited).expect(200);
    expect(summary.totals).toMatchObject({ predicted_demand: 28 * 8, products: 2 });
    for (const path of [RECOMMENDATIONS, SUMMARY]) {
      await call('get', `${path}?location_id=${ids.S}`, limited).expect(404);
      await call('get', `${path}?location_id=${randomUUID()}`).expect(404);
    }
  });

  it('sums the places of a caller with several, without quantiles that do not add up', async () => {
    const both = await api.tokenOf('planner', [ids.N, ids.S]);
    const { body } = await call('get', SUMMARY, both).expect(200);
    expect(body.totals.predicted_demand).toBe(448);
    expect(body.items[0]).toMatchObject({ sku: 'MILK', predicted_demand: 336, p10: null, p90: null });
  });
});
