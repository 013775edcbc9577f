import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createRng } from '../../src/engine/index.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  api = await startApi({ SALES_RETENTION_MONTHS: '24' });
  worker = await startWorker(api.config);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

interface Sold {
  readonly sku: string;
  readonly place: string;
  readonly date: string;
  readonly quantity: number;
  readonly revenue: number;
}

const rng = createRng(20_240_229);
const below = (n: number) => Math.floor(rng() * n);
const FIRST = Date.UTC(2021, 9, 1);
const DAYS = 900;
const dayAt = (day: number) => new Date(FIRST + day * 86_400_000).toISOString().slice(0, 10);
const keyOf = ({ sku, place, date }: Sold) => `${sku} ${place} ${date}`;
const sql = async (text: string) => (await api.database.client.query(text)).rows as Record<string, unknown>[];

/** What has been loaded, by key: the test's own account of the sales, archived ones included. */
const account = new Map<string, Sold>();
const archived = new Set<string>();

/** Rows of some days, some of which may stand there twice, or have been there before with other numbers. */
function randomRows(count: number): Sold[] {
  const from = below(DAYS - 60);
  return Array.from({ length: count }, () => ({
    sku: `SKU-${below(6)}`,
    place: `P${below(3)}`,
    date: dayAt(from + below(60)),
    quantity: below(5),
    revenue: below(1000) / 100,
  }));
}

async function load(rows: readonly Sold[]): Promise<void> {
  const lines = rows.map(({ date, sku, place, quantity, revenue }) => [date, sku, place, quantity, revenue].join(','));
  const file = ['date,sku,location,quantity_sold,revenue', ...lines].join('\n');
  const { state, result } = await jobEnd(api, await uploadSales(api, Buffer.from(file)));
  expect(state).toBe('succeeded');
  if (result?.state === 'held') {
    const path = `/api/v1/sales-data/uploads/${result.upload_id as string}/release`;
    const { body } = await api.http.post(path).set('authorization', `Bearer ${api.adminToken}`).expect(202);
    expect((await jobEnd(api, body.job_id as string)).state).toBe('succeeded');
  }
  const seen = new Set<string>();
  for (const row of rows) {
    // The first of a key in a file stands; months in the archive take nothing.
    if (!seen.has(keyOf(row)) && !archived.has(row.date.slice(0, 7))) account.set(keyOf(row), row);
    seen.add(keyOf(row));
  }
}

async function archive(): Promise<number> {
  const { result } = await jobEnd(
    api,
    (await api.app.get(JobsService).enqueue({ kind: 'sales-archive', payload: {} })).id,
  );
  const months = result?.archived as string[];
  for (const month of months) archived.add(month);
  return months.length;
}

async function restoreOne(): Promise<void> {
  const [month] = archived;
  const path = `/api/v1/sales-data/archive/${month}/restore`;
  const { body } = await api.http.post(path).set('authorization', `Bearer ${api.adminToken}`).expect(202);
  expect((await jobEnd(api, body.job_id as string)).state).toBe('succeeded');
  archived.delete(month);
}

function sumsBy(rows: readonly Sold[], key: (row: Sold) => string) {
  const sums = new Map<string, { rows: number; zeros: number; quantity: number; revenue: number }>();
  for (const row of rows) {
    const sum = sums.get(key(row)) ?? { rows: 0, zeros: 0, quantity: 0, revenue: 0 };
    sum.rows++;
    sum.zeros += Number(row.quantity === 0);
    sum.quantity += row.quantity;
    sum.revenue += row.revenue;
    sums.set(key(row), sum);
  }
  return sums;
}

async function expectAgreement(): Promise<void> {
  const all = [...account.values()];
  const byDay = sumsBy(all, ({ place, date }) => `${place} ${date}`);
  const daily = await sql(`SELECT code || ' ' || date AS key, sales_rows AS rows, zero_rows AS zeros, quantity, revenue
    FROM sales_daily JOIN locations ON locations.id = location`);
  expect(daily).toHaveLength(byDay.size);
  for (const { key, rows, zeros, quantity, revenue } of daily) {
    const expected = byDay.get(key as string);
    expect({ key, rows, zeros, quantity }).toEqual({
      key,
      rows: expected?.rows,
      zeros: expected?.zeros,
      quantity: expected?.quantity,
    });
    expect(revenue).toBeCloseTo(expected?.revenue ?? NaN, 6);
  }
  const present = all.filter(({ date }) => !archived.has(date.slice(0, 7)));
  const bySeries = sumsBy(present, ({ sku, place }) => `${sku} ${place}`);
  const series =
    await sql(`SELECT sku || ' ' || code AS key, sales_rows AS rows, first_date, last_date FROM sales_series
    JOIN products ON products.id = product JOIN locations ON locations.id = location`);
  for (const { key, rows, first_date, last_date } of series) {
    const dates = all.filter(({ sku, place }) => `${sku} ${place}` === key).map(({ date }) => date);
    expect({ key, rows }).toEqual({ key, rows: bySeries.get(key as string)?.rows ?? 0 });
    expect([first_date, last_date]).toEqual([dates.reduce((a, b) => (a < b ? a : b)), dates.sort().at(-1)]);
  }
  expect(await sql('SELECT count(*)::int AS n FROM sales')).toEqual([{ n: present.length }]);
  const { body } = await api.http
    .get('/api/v1/sales-data/summary')
    .set('authorization', `Bearer ${api.adminToken}`)
    .expect(200);
  expect(body).toMatchObject({
    rows: all.length,
    total_quantity: all.reduce((sum, { quantity }) => sum + quantity, 0),
    series: series.length,
    zero_share: all.filter(({ quantity }) => quantity === 0).length / all.length,
  });
}

it('totals equal what was loaded, after loads, corrections, repeats, archiving and bringing back', async () => {
  let files: Sold[][] = [];
  for (let round = 0; round < 12; round++) {
    const rows = randomRows(40 + below(60));
    await load(rows);
    files = [...files, rows];
    // A file with some of the same keys and other numbers; and the same content with its lines in another order.
    if (round % 3 === 1) await load(rows.filter(() => rng() < 0.3).map((row) => ({ ...row, quantity: below(5) })));
    if (round % 4 === 2) await load([...new Map(files[below(files.length)].map((row) => [keyOf(row), row])).values()]);
    if (round === 7) await load([{ sku: 'SKU-0', place: 'P0', date: '2024-03-30', quantity: 1, revenue: 2 }]);
    if (round >= 7 && round % 2 === 1) await archive();
    await expectAgreement();
  }
  expect(archived.size).toBeGreaterThan(2);
  await restoreOne();
  await expectAgreement();
  await load(randomRows(200));
  await expectAgreement();
});
