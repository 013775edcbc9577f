import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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
    readonly object_key: string;
    readonly sha256: string;
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
const fileOf = (key: string) => join(api.config.lakeDir, key);

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
    expect(report.months.map(({ month, rows: count }) => [month, count])).toEqual([
      ['2024-02-01', 29 * 3],
      ['2024-03-01', 10 * 3],
    ]);
    const content_ = await readParquet(fileOf(report.months[1].object_key));
    expect(content_).toHaveLength(30);
    expect(content_[0]).toMatchObject({
      sku: 'SKU-0',
      location_code: 'DS1',
      date: 19783,
      quantity_sold: 60 % 9,
      price: 10,
    });

    // Days gone by, once more: the same files.
    const again = await curated({ from: '2024-03-01', to: '2024-03-03' });
    expect(again.months).toEqual([{ ...report.months[1], replaces: null }]);
    expect(again).toMatchObject({ sources: [{ new_rows: 0 }], uploads: { loaded: 0 } });
  });

  it('replaces the file of a month whose sales were corrected, and that one alone', async () => {
    const before = await curated();
    const correction = 'date,sku,location,quantity_sold,price\n2024-03-05,SKU-1,DS1,77,11\n';
    await jobEnd(api, await uploadSales(api, Buffer.from(correction)));
    const after = await curated();
    expect(after).toMatchObject({ sources: [{ new_rows: 0, changed_rows: 1 }] });
    expect(after.months[0].sha256).toBe(before.months[0].sha256);
    expect(after.months[1].sha256).not.toBe(before.months[1].sha256);
    expect(existsSync(fileOf(before.months[1].object_key))).toBe(false);
    expect(existsSync(fileOf(after.months[1].object_key))).toBe(true);
    const { rows } = await sql(`SELECT month::text, object_key, sha256 FROM curated_months ORDER BY month`);
    expect(rows).toEqual(after.months.map(({ month, object_key, sha256 }) => ({ month, object_key, sha256 })));
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
