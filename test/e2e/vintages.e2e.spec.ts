import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { publishRun } from '../../src/forecasts/training/publish-run.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { factKey, setClock, storeForecasts } from '../support/stored-forecasts.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

/** Within this time every process has noticed a publication. */
const NOTICED_MS = 600;

let api: TestApi;
let product: string;
let place: string;
let keys: { product: number; location: number };

const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const post = (path: string, body: object) =>
  api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`).send(body);
const forecast = (query = '') => get(`/forecasts/${product}?location_id=${place}${query}`);

beforeAll(async () => {
  api = await startApi();
  product = (await post('/products', { sku: 'RICE', name: 'Rice' }).expect(201)).body.product_id;
  place = (await post('/locations', { code: 'LON_01', name: 'London' }).expect(201)).body.location_id;
  const { client } = api.database;
  keys = {
    product: await factKey(client, 'products', product),
    location: await factKey(client, 'locations', place),
  };
  await setClock(client, '2023-01-01', '2023-10-28');
});
afterAll(() => api.stop());

describe('vintages of forecasts', () => {
  let first: string;
  let second: string;

  it('stay when a later run replaces them, and are found by the business date', async () => {
    const { client } = api.database;
    first = await storeForecasts(client, '2023-10-26', [{ ...keys, means: [1, 2, 3], dispersion: 1 }]);
    second = await storeForecasts(client, '2023-10-28', [{ ...keys, means: [5, 6, 7], dispersion: 1 }]);
    await sleep(NOTICED_MS);
    expect((await forecast().expect(200)).body).toMatchObject({ run_id: second });
    const earlier = (await forecast('&as_of=2023-10-27').expect(200)).body;
    expect(earlier.run_id).toBe(first);
    expect(earlier.points.map((p: { predicted_demand: number }) => p.predicted_demand)).toEqual([1, 2, 3]);
    expect((await forecast('&as_of=2023-10-28').expect(200)).body.run_id).toBe(second);
    await forecast('&as_of=2023-10-25').expect(404);
  });

  it('stand under the keys of a key-value store', async () => {
    const { rows } = await api.database.client.query(
      `SELECT pk, sk, forecast_val, confidence_lower, confidence_upper, ttl FROM forecast_items
       WHERE pk = 'SKU#RICE' AND sk LIKE 'LOC#LON\\_01#%' ORDER BY sk`,
    );
    expect(rows.map(({ sk }) => sk)).toEqual(['29', '30', '31'].map((day) => `LOC#LON_01#DATE#2023-10-${day}`));
    expect(rows[0]).toMatchObject({ forecast_val: 5, confidence_lower: 5, confidence_upper: 5 });
    const days = (Number(rows[0].ttl) * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89);
    expect(days).toBeLessThanOrEqual(90);
  });

  it('can become current again, for some series or all', async () => {
    const { client } = api.database;
    const { rows } = await client.query('SELECT id FROM forecast_runs WHERE run_id = $1', [first]);
    expect(await publishRun(client, rows[0].id, { products: [keys.product + 1] })).toBe(0);
    expect(await publishRun(client, rows[0].id)).toBe(1);
    await sleep(NOTICED_MS);
    expect((await forecast().expect(200)).body.run_id).toBe(first);
    await client.query('UPDATE forecast_series SET run = (SELECT id FROM forecast_runs WHERE run_id = $1)', [second]);
    await client.query('UPDATE forecast_clock SET publications = publications + 1');
  });

  it('are archived as Parquet after ninety days, then gone, and nothing else is', async () => {
    const { client } = api.database;
    await client.query(`UPDATE forecast_runs SET expires_at = now() - interval '1 day' WHERE run_id = $1`, [first]);
    const worker = await startWorker(api.config);
    try {
      const result = await retain(worker);
      const key = `forecasts/vintage=2023-10-26/run=${first}.parquet`;
      expect(result).toEqual({ removed_runs: 1, archived: [key] });
      const file = join(api.config.lakeDir, key);
      const rows = await readParquet(file);
      expect(rows.map(({ sku, location_code: code, mean }) => [sku, code, mean])).toEqual([
        ['RICE', 'LON_01', 1],
        ['RICE', 'LON_01', 2],
        ['RICE', 'LON_01', 3],
      ]);
      expect(Object.keys(rows[0])).toContain('q0.5');
      const { rows: runs } = await client.query('SELECT archive_sha256 FROM forecast_runs WHERE run_id = $1', [first]);
      expect(runs[0].archive_sha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
      await forecast('&as_of=2023-10-27').expect(404);
      expect((await forecast().expect(200)).body.run_id).toBe(second);
      expect(await retain(worker)).toEqual({ removed_runs: 0, archived: [] });

      await client.query(`UPDATE forecast_runs SET expires_at = now() - interval '1 day'`);
      expect(await retain(worker)).toMatchObject({ removed_runs: 1 });
      await sleep(NOTICED_MS);
      await forecast().expect(404);
      const { rows: left } = await client.query('SELECT count(*)::int AS rows FROM forecasts');
      expect(left[0].rows).toBe(0);
    } finally {
      await worker.close();
    }
  });
});

async function retain(worker: INestApplicationContext): Promise<Record<string, unknown> | null> {
  const job = await worker.get(JobsService, { strict: false }).enqueue({ kind: 'forecast-retention', payload: {} });
  const { state, result, error } = await jobEnd(api, job.id);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
  return result;
}
