import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { uploadSales } from '../support/imports.ts';
import { EndedJob, jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;

beforeAll(async () => {
  api = await startApi({ SALES_RETENTION_MONTHS: '24' });
  worker = await startWorker(api.config);
  await jobEnd(api, await uploadSales(api, Buffer.from(history())));
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const HEADER = 'date,sku,location,quantity_sold,price,on_hand,promotion';

/** Sales of three products on every fifth day from November 2021 to the tenth of March 2024; the last is new in 2023. */
function history(): string {
  const lines = [HEADER];
  for (let day = Date.UTC(2021, 10, 3), n = 0; day <= Date.UTC(2024, 2, 10); day += 5 * 86_400_000, n++) {
    const date = new Date(day).toISOString().slice(0, 10);
    lines.push(`${date},TEA,DS1,${(n % 7) / 3},${0.1 + n / 7},${n % 4 ? n : ''},${n % 3 ? '' : 0.3}`);
    lines.push(`${date},TEA,DS2,${n % 5},,,`);
    if (date >= '2023-06') lines.push(`${date},MATE,DS1,${n % 2},3.2,,1`);
  }
  return `${lines.join('\n')}\n2024-03-10,TEA,DS1,1,1,,\n`;
}

const sql = async (text: string, values: unknown[] = []) => (await api.database.client.query(text, values)).rows;
const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const post = (path: string) => api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const stored = () => sql(`SELECT *, created_at::text AS created FROM sales ORDER BY product, location, date`);
const partitions = async () =>
  (
    await sql(`SELECT c.relname AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'sales'::regclass`)
  )
    .map(({ name }) => name as string)
    .sort();

async function archive(): Promise<EndedJob> {
  return jobEnd(api, (await api.app.get(JobsService).enqueue({ kind: 'sales-archive', payload: {} })).id);
}
async function restore(month: string): Promise<EndedJob> {
  return jobEnd(api, (await post(`/sales-data/archive/${month}/restore`).expect(202)).body.job_id as string);
}

/** What is left of the sales and what stands in the archive are, together, what the totals say. */
async function expectTotalsHold(): Promise<void> {
  const [totals] = await sql(`
    SELECT (SELECT sum(sales_rows) FROM sales_daily)::int AS daily, (SELECT sum(quantity) FROM sales_daily) AS units,
      (SELECT sum(sales_rows) FROM sales_series)::int AS series, (SELECT count(*) FROM sales)::int AS rows,
      coalesce((SELECT sum(quantity_sold) FROM sales), 0) AS quantity,
      coalesce((SELECT sum(sales_rows) FROM archived_months WHERE restored_at IS NULL), 0)::int AS archived,
      coalesce((SELECT sum(quantity) FROM archived_months WHERE restored_at IS NULL), 0) AS archived_quantity`);
  expect(totals.daily).toBe((totals.rows as number) + (totals.archived as number));
  expect(totals.units).toBeCloseTo((totals.quantity as number) + (totals.archived_quantity as number), 6);
  expect(totals.series).toBe(totals.rows);
}

/** Plans of the statements that a request sends. */
async function plansOf(request: () => Promise<unknown>): Promise<string> {
  const asked = jest.spyOn(api.app.get(DataSource), 'query');
  try {
    await request();
    const plans: string[] = [];
    for (const [statement, values] of asked.mock.calls as [string, unknown[]?][])
      for (const row of await sql(`EXPLAIN ${statement}`, values)) plans.push(row['QUERY PLAN'] as string);
    expect(plans.length).toBeGreaterThan(0);
    return plans.join('\n');
  } finally {
    asked.mockRestore();
  }
}
const monthsRead = (plans: string) => [...new Set(plans.match(/sales_\d{4}_\d{2}(?=[ \n])/g))].sort();

describe('the archive of sales', () => {
  let everything: Record<string, unknown>[];
  let summary: unknown;
  let tea: string;

  it('takes the months that are older than the setting, by the date of the latest sales', async () => {
    everything = await stored();
    summary = (await get('/sales-data/summary').expect(200)).body;
    tea = (await get('/products?limit=10').expect(200)).body.items.find(
      (p: { sku: string }) => p.sku === 'TEA',
    ).product_id;
    expect((await partitions())[0]).toBe('sales_2021_11');
    expect(await archive()).toMatchObject({
      state: 'succeeded',
      result: { archived: ['2021-11', '2021-12', '2022-01', '2022-02'], left: [] },
    });
    expect((await partitions())[0]).toBe('sales_2022_03');
    expect(await archive()).toMatchObject({ result: { archived: [] } });
    await expectTotalsHold();
  });

  it('is listed, with files that hold what was sold', async () => {
    const { body } = await get('/sales-data/archive').expect(200);
    expect(body).toMatchObject({ retention_months: 24, months: [{ month: '2022-02', restored_at: null }, {}, {}, {}] });
    const january = body.months[1] as { object_key: string; sha256: string; rows: number; bytes: number };
    expect(january.object_key).toBe('archive/sales/year=2022/month=01/data.parquet');
    const file = join(api.config.lakeDir, january.object_key);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(january.sha256);
    const sold = everything.filter(({ date }) => (date as string).startsWith('2022-01'));
    const rows = await readParquet(file);
    expect(rows).toHaveLength(january.rows);
    expect(rows.map(({ quantity_sold, price }) => [quantity_sold, price])).toEqual(
      sold.map(({ quantity_sold, price }) => [quantity_sold, price]),
    );
    expect(rows[0]).toMatchObject({ sku: 'TEA', location_code: 'DS1' });
  });

  it('leaves totals and the reports on them as they were, and says what a history lacks', async () => {
    expect((await get('/sales-data/summary').expect(200)).body).toEqual(summary);
    const { body } = await get(`/sales-data/${tea}?grain=month&from=2021-12-01&to=2022-04-30`).expect(200);
    expect(body.archived_months).toEqual(['2021-12', '2022-01', '2022-02']);
    expect(body.items.map(({ date }: { date: string }) => date)).toEqual(['2022-03-01', '2022-04-01']);
    expect((await get(`/sales-data/${tea}?from=2024-01-01`).expect(200)).body.archived_months).toEqual([]);
  });

  it('keeps the daily data job and the calculation of new forecasts away from what is not there', async () => {
    const { body } = await post('/sales-data/curate').send({ from: '2021-11-01', to: '2022-03-31' }).expect(202);
    const { result } = await jobEnd(api, body.job_id as string);
    expect(result).toMatchObject({
      from: '2022-03-01',
      months: [{ month: '2022-03-01', disagreements: 0 }],
    });
  });

  it('refuses rows of archived months, each with its reason, and loads the others', async () => {
    const good = Array.from(
      { length: 40 },
      (_, i) => `2024-02-${String((i % 28) + 1).padStart(2, '0')},COLA,P${i},1,,,`,
    );
    const late = ['2022-01-07,TEA,DS1,9,,,', '2022-02-28,NEVER-SEEN,DS1,9,,,'];
    const job = await jobEnd(api, await uploadSales(api, Buffer.from([HEADER, ...good, ...late].join('\n'))));
    expect(job.result).toMatchObject({
      state: 'loaded',
      rows_inserted: 40,
      rows_rejected: 2,
      reasons: [{ reason: 'archived: the sales of its month are archived', rows: 2 }],
      findings: [{ kind: 'archived_month', count: 2 }],
      hints: expect.arrayContaining(['2 rows lie in archived months; bring these back to load them']),
    });
    const { text } = await get(`/sales-data/uploads/${job.result?.upload_id as string}/rejected`).expect(200);
    expect(text).toContain('2022-01-07,TEA,DS1,9');
    expect(await sql(`SELECT 1 FROM products WHERE sku = 'NEVER-SEEN'`)).toEqual([]);
    await expectTotalsHold();
  });

  it('gives a month back as it was, once, and keeps it for a while', async () => {
    await post('/sales-data/archive/2020-01/restore').expect(404);
    await post('/sales-data/archive/2022-13/restore').expect(400);
    expect(await restore('2022-01')).toMatchObject({ state: 'succeeded', result: { month: '2022-01' } });
    const [before, after] = [everything, await stored()].map((rows) =>
      rows.filter(({ date }) => (date as string).startsWith('2022-01')),
    );
    expect(after.length).toBeGreaterThan(10);
    expect(after).toEqual(before);
    await expectTotalsHold();
    await post('/sales-data/archive/2022-01/restore').expect(409);
    expect((await get('/sales-data/archive').expect(200)).body.months[1]).toMatchObject({
      month: '2022-01',
      restored_at: expect.any(String),
      keep_until: expect.any(String),
    });
    expect(await archive()).toMatchObject({ result: { archived: [] } });

    // It takes corrections while it is there, and is archived with them when its time is over.
    const correction = `${HEADER}\n2022-01-02,TEA,DS1,77,,,\n`;
    await jobEnd(api, await uploadSales(api, Buffer.from(correction)));
    await sql(`UPDATE archived_months SET keep_until = now() WHERE restored_at IS NOT NULL`);
    expect(await archive()).toMatchObject({ result: { archived: ['2022-01'] } });
    await expectTotalsHold();
    await restore('2022-01');
    expect(await sql(`SELECT quantity_sold FROM sales WHERE date = '2022-01-02' AND quantity_sold = 77`)).toHaveLength(
      1,
    );
    await expectTotalsHold();
  });

  it('gives nothing back from a file that was changed, and raises an alert', async () => {
    const [{ object_key: key }] = await sql(`SELECT object_key FROM archived_months WHERE month = '2021-12-01'`);
    const file = join(api.config.lakeDir, key as string);
    const whole = readFileSync(file);
    const damaged = Buffer.from(whole);
    damaged[damaged.length >> 1] ^= 1;
    writeFileSync(file, damaged);
    expect(await restore('2021-12')).toMatchObject({ state: 'failed', error: { code: 'ARCHIVE_DAMAGED' } });
    expect((await get('/alerts?kind=sales.archive_damaged').expect(200)).body.items).toHaveLength(1);
    expect(await partitions()).not.toContain('sales_2021_12');
    writeFileSync(file, whole);
    expect(await restore('2021-12')).toMatchObject({ state: 'succeeded' });
    await expectTotalsHold();
  });
});

describe('reading sales', () => {
  it('touches the months of the range alone', async () => {
    const { items } = (await get('/products?limit=1').expect(200)).body;
    const path = `/sales-data/${items[0].product_id as string}`;
    const plans = await plansOf(() => get(`${path}?from=2023-01-15&to=2023-02-03`).expect(200));
    expect(monthsRead(plans)).toEqual(['sales_2023_01', 'sales_2023_02']);
  });

  it('of totals touches no month', async () => {
    const plans = await plansOf(() => get('/sales-data/summary').expect(200));
    expect(plans).toMatch(/sales_daily/);
    expect(monthsRead(plans)).toEqual([]);
  });
});
