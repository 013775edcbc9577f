import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { Scheduler } from '../../src/platform/schedules/index.ts';
import { salesFile, uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

interface Report {
  readonly sources: { readonly source: string; readonly new_rows: number; readonly latest_date: string | null }[];
  readonly uploads: { readonly loaded: number; readonly pending: number };
  readonly curated_rows: number;
  readonly months: {
    readonly month: string;
    readonly rows: number;
    readonly days: number;
    readonly written: number;
    readonly removed: number;
  }[];
}

let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const sql = (text: string, values: unknown[] = []) => api.database.client.query(text, values);
const curate = (body: object) =>
  api.http.post('/api/v1/sales-data/curate').set('authorization', `Bearer ${api.adminToken}`).send(body);
async function curated(body: object = {}): Promise<Report> {
  const { job_id } = (await curate(body).expect(202)).body;
  const job = await jobEnd(api, job_id as string);
  expect(job).toMatchObject({ kind: 'daily-data', state: 'succeeded', error: null });
  return job.result as unknown as Report;
}
const fileOf = (date: string) => {
  const [year, month, day] = date.split('-').map(Number);
  return join(api.config.lakeDir, `curated/sales/year=${year}/month=${month}/day=${day}/data.parquet`);
};

interface Day {
  readonly date: string;
  readonly sales_rows: number;
  readonly object_key: string;
  readonly bytes: string;
  readonly sha256: string;
  readonly changed_at: Date;
}

/** The days that stand as files, each checked against its file. */
async function curatedDays(): Promise<Day[]> {
  const { rows } = await sql(
    `SELECT date::text, sales_rows, object_key, bytes, sha256, changed_at FROM curated_days ORDER BY date`,
  );
  const days = rows as Day[];
  for (const { date, object_key: key, bytes, sha256 } of days) {
    expect(join(api.config.lakeDir, key)).toBe(fileOf(date));
    const content = readFileSync(fileOf(date));
    expect(content.length).toBe(Number(bytes));
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
  }
  return days;
}

/** What any reader of Parquet finds in the files of the days, told of nothing but their folder. */
async function inLake(query: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const files = `read_parquet('${api.config.lakeDir}/curated/sales/**/*.parquet', hive_partitioning = 1)`;
  const reader = await connection.runAndReadAll(query.replace('SALES', files));
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjectsJson();
}

describe('the daily data job', () => {
  it('has nothing to curate before the first sales', async () => {
    expect(await curated()).toMatchObject({
      sources: [{ source: 'sales', new_rows: 0, rows: 0, latest_date: null, freshness_days: null }],
      curated_rows: 0,
      months: [],
    });
  });

  it('reports what has come in and writes the months concerned as files, alike for alike sales', async () => {
    // Seventy days from the first of January 2024 on.
    const { content, rows } = salesFile(3, 70);
    await jobEnd(api, await uploadSales(api, content));
    const report = await curated();
    expect(report).toMatchObject({
      sources: [{ new_rows: rows, changed_rows: 0, rows, latest_date: '2024-03-10' }],
      uploads: { loaded: 1, failed: 0, held: 0, pending: 0 },
      from: '2024-02-04',
      to: '2024-03-10',
      curated_rows: (29 + 10) * 3,
    });
    expect(report.months).toEqual([
      { month: '2024-02-01', rows: 29 * 3, days: 29, written: 29, removed: 0, disagreements: 0 },
      { month: '2024-03-01', rows: 10 * 3, days: 10, written: 10, removed: 0, disagreements: 0 },
    ]);
    const days = await curatedDays();
    expect(days.map(({ date }) => date)).toEqual(
      Array.from({ length: 39 }, (_, i) => new Date(Date.UTC(2024, 1, 1 + i)).toISOString().slice(0, 10)),
    );
    const content_ = await readParquet(fileOf('2024-03-01'));
    expect(content_).toHaveLength(3);
    expect(content_[0]).toMatchObject({
      sku: 'SKU-0',
      location_code: 'DS1',
      date: 19783,
      quantity_sold: 60 % 9,
      price: 10,
    });
  });

  it('writes days gone by once more as the same files, also after they were lost', async () => {
    const before = await curatedDays();
    const again = await curated({ from: '2024-03-01', to: '2024-03-03' });
    expect(again).toMatchObject({
      sources: [{ new_rows: 0 }],
      uploads: { loaded: 0 },
      months: [{ month: '2024-03-01', days: 10, written: 0, removed: 0 }],
    });
    expect(await curatedDays()).toEqual(before);
    rmSync(join(api.config.lakeDir, 'curated'), { recursive: true });
    expect((await curated()).months.map(({ written }) => written)).toEqual([29, 10]);
    expect((await curatedDays()).map(({ date, sha256 }) => [date, sha256])).toEqual(
      before.map(({ date, sha256 }) => [date, sha256]),
    );
    // January, which the daily look leaves alone, by its dates.
    const january = await curated({ from: '2024-01-05', to: '2024-01-06' });
    expect(january.months).toMatchObject([{ month: '2024-01-01', days: 31, written: 31 }]);
    expect(await curatedDays()).toHaveLength(70);
  });

  it('lays the files out so that others read the days they ask for and no more', async () => {
    const { rows } = await sql(`SELECT count(*)::int AS rows, sum(quantity_sold) AS units FROM sales`);
    expect(await inLake('SELECT count(*)::int AS rows, sum(quantity_sold) AS units FROM SALES')).toEqual([
      { rows: rows[0].rows, units: rows[0].units },
    ]);
    expect(
      await inLake(
        `SELECT year, month, day, count(*)::int AS rows, bool_and(date = make_date(year, month, day)) AS right_day
         FROM SALES WHERE year = 2024 AND month = 2 AND day >= 28 GROUP BY ALL ORDER BY ALL`,
      ),
    ).toMatchObject([
      { year: '2024', month: '2', day: '28', rows: 3, right_day: true },
      { year: '2024', month: '2', day: '29', rows: 3, right_day: true },
    ]);
    const [plan] = await inLake(`EXPLAIN ANALYZE SELECT sum(quantity_sold) FROM SALES WHERE month = 3 AND day = 7`);
    expect(JSON.stringify(plan)).toMatch(/Scanning Files: 1\/70|Total Files Read: 1\b/);
  });

  it('replaces the file of a day whose sales were corrected, and that one alone', async () => {
    const before = await curatedDays();
    const correction = 'date,sku,location,quantity_sold,price\n2024-03-05,SKU-1,DS1,77,11\n';
    await jobEnd(api, await uploadSales(api, Buffer.from(correction)));
    const report = await curated();
    expect(report).toMatchObject({ sources: [{ new_rows: 0, changed_rows: 1 }] });
    expect(report.months.map(({ written }) => written)).toEqual([0, 1]);
    const after = await curatedDays();
    const changed = after.filter(({ sha256 }, i) => sha256 !== before[i].sha256);
    expect(changed.map(({ date }) => date)).toEqual(['2024-03-05']);
    expect(after.filter(({ date }) => date !== '2024-03-05')).toEqual(
      before.filter(({ date }) => date !== '2024-03-05'),
    );
  });

  it('puts right what somebody else wrote over the file of a day, and removes what nobody sold', async () => {
    const before = await curatedDays();
    const file = fileOf('2024-03-02');
    const bytes = readFileSync(file);
    // As long as the right one, and nothing in the database tells of it.
    writeFileSync(file, Buffer.alloc(bytes.length));
    utimesSync(file, new Date(), new Date(1_700_000_000_000));
    const stray = fileOf('2024-03-31');
    mkdirSync(dirname(stray), { recursive: true });
    writeFileSync(stray, bytes);
    const [february, march] = (await curated()).months;
    expect(february).toMatchObject({ written: 0, removed: 0 });
    expect(march).toMatchObject({ written: 1, removed: 1 });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(existsSync(stray)).toBe(false);
    expect((await curatedDays()).map(({ sha256 }) => sha256)).toEqual(before.map(({ sha256 }) => sha256));
  });

  it('takes the file of a day away with its sales', async () => {
    await sql(`DELETE FROM sales WHERE date = '2024-02-10'`);
    await sql(`DELETE FROM sales_daily WHERE date = '2024-02-10'`);
    expect((await curated()).months[0]).toMatchObject({ days: 28, written: 0, removed: 1, disagreements: 0 });
    expect(existsSync(fileOf('2024-02-10'))).toBe(false);
    expect((await curatedDays()).map(({ date }) => date)).not.toContain('2024-02-10');
  });

  it('splits the files of whole months, which it wrote formerly, into those of days', async () => {
    const key = 'curated/sales/month=2024-01/0123456789abcdef.parquet';
    mkdirSync(dirname(join(api.config.lakeDir, key)), { recursive: true });
    writeFileSync(join(api.config.lakeDir, key), 'a month');
    rmSync(fileOf('2024-01-03'));
    await sql(
      `INSERT INTO curated_months (month, sales_rows, object_key, bytes, sha256, run_id)
       VALUES ('2024-01-01', 93, $1, 7, 'x', gen_random_uuid())`,
      [key],
    );
    expect((await curated()).months).toMatchObject([
      { month: '2024-01-01', days: 31, written: 1 },
      { month: '2024-02-01', written: 0 },
      { month: '2024-03-01', written: 0 },
    ]);
    expect(existsSync(join(api.config.lakeDir, key))).toBe(false);
    expect((await sql('SELECT FROM curated_months')).rowCount).toBe(0);
    expect((await curated()).months).toHaveLength(2);
  });

  it('raises an alert while stored totals do not agree with the sales', async () => {
    const alerts = async (state: string) =>
      (
        await api.http
          .get(`/api/v1/alerts?kind=data.totals_disagree&state=${state}`)
          .set('authorization', `Bearer ${api.adminToken}`)
          .expect(200)
      ).body.items as { subject: string }[];
    await curated();
    expect(await alerts('open')).toEqual([]);
    await sql(`UPDATE sales_daily SET quantity = quantity + 5 WHERE date = '2024-03-02'`);
    expect(await curated()).toMatchObject({ months: [{ disagreements: 0 }, { disagreements: 1 }] });
    expect(await alerts('open')).toMatchObject([{ subject: 'Stored totals do not agree with the sales of 2024-03' }]);
    await sql(`UPDATE sales_daily SET quantity = quantity - 5 WHERE date = '2024-03-02'`);
    await curated();
    expect(await alerts('open')).toEqual([]);
    expect(await alerts('resolved')).toHaveLength(1);
  });

  it('is started by its schedule', async () => {
    await sql(
      `UPDATE schedules SET counts_from = now() - interval '2 days', last_tick = NULL WHERE name = 'daily-data'`,
    );
    const looked = await worker.get(Scheduler, { strict: false }).look();
    const { rows } = await sql(`SELECT run_id, missed FROM schedule_ticks WHERE schedule = 'daily-data'`);
    // The worker's own look may have come first.
    expect(rows).toEqual([{ run_id: expect.any(String), missed: 1 }]);
    expect(looked.filter((name) => name === 'daily-data').length).toBeLessThanOrEqual(1);
    expect(await jobEnd(api, rows[0].run_id as string)).toMatchObject({ kind: 'daily-data', state: 'succeeded' });
  });

  it('refuses days that are none by field', async () => {
    for (const [field, body] of [
      ['from', { from: '2024-02-30' }],
      ['to', { to: 'today' }],
      ['from', { from: '2024-03-02', to: '2024-03-01' }],
      ['month', { month: '2024-03' }],
    ] as const)
      expect((await curate(body).expect(400)).body.errors[0].field).toBe(field);
  });
});
