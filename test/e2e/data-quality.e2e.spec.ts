import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createRng } from '../../src/engine/index.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const DAYS = 100;
const PRODUCTS = 14;
const FIRST = Date.parse('2024-01-01T00:00:00Z');
const iso = (day: number) => new Date(FIRST + day * 86_400_000).toISOString().slice(0, 10);

/** Every kind of defect that was planted, and how often. */
const PLANTED = {
  malformed_row: 2,
  missing_value: 3,
  bad_date: 2,
  future_date: 1,
  old_date: 1,
  not_a_number: 2,
  negative_value: 2,
  out_of_range: 1,
  bad_text: 1,
  duplicate: 3,
  conflict: 2,
  time_zone: 4,
  amount_mismatch: 2,
  personal_data: 1,
};
const PLANTED_IN_SERIES = { gap: 4, silent_day: 1, outlier: 1, unit_change: 1, price_unit_change: 1 };

/** Sales of a shop with the planted defects; all else is as it should be. */
function plantedCsv(): string {
  const lines = ['date,sku,store,units,price,revenue,customer email'];
  const rng = createRng(5);
  const row = (date: string, sku: string, units: number | string, price: number, revenue = Number(units) * price) =>
    lines.push(`${date},${sku},DS1,${units},${price},${revenue},buyer${lines.length}@example.in`);
  for (let day = 0; day < DAYS; day++)
    for (let product = 0; product < PRODUCTS; product++) {
      const sku = `P${product}`;
      if (day === 40 || (product === 3 && day >= 50 && day < 54)) continue;
      let units = 24 + Math.floor(12 * rng()) + (day % 7 > 4 ? 12 : 0);
      let price = 20 + product;
      if (product === 5 && day === 77) units = 2_500;
      if (product === 7 && day >= 60) units /= 12;
      if (product === 8 && day >= 70) price *= 100;
      // Half past ten at night in Greenwich is the next morning in India.
      const date = product === 9 && day >= 20 && day < 24 ? `${iso(day - 1)}T22:30:00Z` : iso(day);
      const revenue = product === 10 && (day === 30 || day === 31) ? units * price * 100 : units * price;
      row(date, sku, units, price, revenue);
      if (product === 11 && day < 3) lines.push(lines[lines.length - 1]);
      if (product === 12 && day < 2) row(iso(day), sku, units + 1, price);
    }
  lines.push(`${iso(1)},P1,DS1`, `${iso(2)},P1,DS1,1,2,3,4,5`);
  for (let i = 0; i < 3; i++) row(iso(i), '', 5, 20);
  row('2024-02-30', 'P1', 5, 20);
  row('01.02.2024', 'P1', 5, 20);
  row('2099-01-01', 'P1', 5, 20);
  row('1985-12-30', 'P1', 5, 20);
  row(iso(3), 'P1', 'many', 20, 100);
  row(iso(4), 'P1', 'NaN', 20, 100);
  row(iso(5), 'P1', -3, 20, 60);
  row(iso(6), 'P1', -1, 20, 20);
  row(iso(7), 'P1', 5e12, 20, 100);
  row(iso(8), 'X'.repeat(300), 5, 20);
  return `${lines.join('\n')}\n`;
}

let api: TestApi;
let worker: INestApplicationContext;
let uploadId: string;

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const countsOf = (findings: readonly { kind: string; count: number }[]) =>
  Object.fromEntries(findings.map(({ kind, count }) => [kind, count]));

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', Buffer.from(plantedCsv()), 'planted.csv')
    .expect(202);
  const job = await jobEnd(api, body.job_id);
  expect(job).toMatchObject({ state: 'succeeded', result: { state: 'loaded' } });
  uploadId = job.result?.upload_id as string;
  const { rows } = await api.database.client.query(`SELECT id FROM jobs WHERE kind = 'quality-check'`);
  expect(rows).toHaveLength(1);
  expect(await jobEnd(api, rows[0].id)).toMatchObject({ state: 'succeeded', error: null });
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('Planted defects', () => {
  it('are all found, as often as they were planted, and no others', async () => {
    const { body } = await get(`/sales-data/uploads/${uploadId}`).expect(200);
    expect(countsOf(body.report.findings)).toEqual(PLANTED);
    expect(countsOf(body.series_findings)).toEqual(PLANTED_IN_SERIES);
    const steps = body.steps as { name: string; state: string; finished_at: string | null }[];
    expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'receive done',
      'store done',
      'start done',
      'clean done',
      'load done',
      'signals skipped',
      'quality done',
    ]);
    const times = steps.filter(({ state }) => state === 'done').map(({ finished_at: at }) => Date.parse(at ?? ''));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const { examples, unit } = body.series_findings.find(({ kind }: { kind: string }) => kind === 'unit_change');
    expect({ examples, unit }).toEqual({ examples: [`P7 at DS1, ${iso(60)}: a 12th of before`], unit: 'series' });
  });

  it('are told by the day they are on', async () => {
    const { body } = await get(`/reports/data-quality?from=${iso(0)}&to=${iso(DAYS - 1)}`).expect(200);
    const byDay = (day: number) => body.days[day].findings;
    expect(byDay(40)).toEqual({ silent_day: 1 });
    expect(byDay(50)).toEqual({ gap: 4 });
    expect(byDay(77)).toEqual({ outlier: 1 });
    expect(byDay(20)).toEqual({ time_zone: 1 });
    expect(byDay(0)).toEqual({ conflict: 1, duplicate: 1, missing_value: 1 });
    expect(byDay(90)).toEqual({});
    expect(body.days[40].rows).toBe(0);
    expect(body.days[90].rows).toBe(PRODUCTS);
    expect(body.totals).toMatchObject({ ...PLANTED_IN_SERIES, duplicate: 3, time_zone: 4, negative_value: 2 });
    await get(`/reports/data-quality?from=${iso(3)}&to=${iso(1)}`).expect(400);
    await get('/reports/data-quality?from=2020-01-01&to=2024-01-01').expect(400);
  });

  it('raise an alert where forecasts would suffer', async () => {
    const { body } = await get('/alerts?kind=data.quality').expect(200);
    expect(body.items).toHaveLength(1);
    expect(body.items[0].subject).toContain('1 series of unit_change');
  });
});

describe('Data of persons', () => {
  it('is named, and stays out of tables, reports and refused rows', async () => {
    const { body, text } = await get(`/sales-data/uploads/${uploadId}`).expect(200);
    expect(body.report.personal_columns).toEqual([{ column: 'customer email', kind: 'email' }]);
    expect(text).not.toContain('@example.in');
    const rejected = await get(`/sales-data/uploads/${uploadId}/rejected`).expect(200);
    expect(rejected.text.split('\n').length).toBeGreaterThan(15);
    expect(rejected.text).toContain('[personal data]');
    expect(rejected.text).not.toContain('@example.in');
    const { rows } = await api.database.client.query(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
    );
    for (const { table_name: table } of rows as { table_name: string }[]) {
      const found = await api.database.client.query(
        `SELECT 1 FROM "${table}" AS t WHERE t::text LIKE '%@example.in%' LIMIT 1`,
      );
      expect({ table, rows: found.rowCount }).toEqual({ table, rows: 0 });
    }
  });
});
