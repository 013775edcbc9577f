import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ForecastsService } from '../../src/forecasts/index.ts';
import { CacheStore } from '../../src/platform/cache/index.ts';
import { SalesService } from '../../src/sales/index.ts';
import { iso, LAST_DAY, salesCsv } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;
let planner: string;
let viewer: string;
/** Public ids by SKU and by location code. */
let products: Record<string, string>;
let locations: Record<string, string>;

const get = (path: string, token = planner) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${token}`);
const post = (path: string, body: object, token = planner) =>
  api.http.post(`/api/v1${path}`).set('authorization', `Bearer ${token}`).send(body);

async function finished(jobId: string): Promise<Record<string, unknown>> {
  const { state, error, result } = await jobEnd(api, jobId);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
  return result ?? {};
}

beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  planner = await api.tokenOf('planner');
  viewer = await api.tokenOf('viewer');
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

describe('before any sales', () => {
  it('refuses to forecast and to train, saying why', async () => {
    const { body } = await post('/forecasts/generate', {}).expect(409);
    expect(body).toMatchObject({ code: 'NO_SALES', detail: expect.stringMatching(/no sales/i) });
    await post('/models/train', {}, api.adminToken).expect(409);
  });

  it('ranks nothing', async () => {
    const { body } = await get('/forecast/top-products').expect(200);
    expect(body).toEqual({ products: [], total: 0, generated_at: null });
  });
});

describe('with sales', () => {
  let training: Record<string, unknown>;

  beforeAll(async () => {
    const { body } = await api.http
      .post('/api/v1/sales-data/upload')
      .set('authorization', `Bearer ${planner}`)
      .attach('file', Buffer.from(salesCsv()), 'sales.csv')
      .expect(202);
    await finished(body.job_id);
    const bySku = await api.database.client.query('SELECT sku, product_id FROM products');
    products = Object.fromEntries(bySku.rows.map((row) => [row.sku, row.product_id]));
    const byCode = await api.database.client.query('SELECT code, location_id FROM locations');
    locations = Object.fromEntries(byCode.rows.map((row) => [row.code, row.location_id]));
    const accepted = await post('/models/train', { budget: 'quick', seed: 7 }, api.adminToken).expect(202);
    expect(accepted.body).toEqual({ job_id: expect.any(String), status_url: `/api/v1/jobs/${accepted.body.job_id}` });
    training = await finished(accepted.body.job_id);
  });

  it('made the first model the champion and kept the verdict', async () => {
    expect(training).toMatchObject({ promoted: true, business_date: LAST_DAY });
    const { body } = await get('/models').expect(200);
    expect(body.items).toHaveLength(1);
    const version = training.model_version as string;
    expect(version).toMatch(/^2025-09-30-[0-9a-f]{8}$/);
    expect(body.items[0]).toMatchObject({ version, stage: 'champion', seed: 7, budget: 'quick', train_end: LAST_DAY });
    const { body: model } = await get(`/models/${version}`).expect(200);
    expect(model.gate.map(({ name }: { name: string }) => name)).toEqual([
      'wape_against_champion',
      'bias',
      'better_than_seasonal_naive',
      'coverage',
      'sound_values',
    ]);
    expect(model.metrics.wape).toBeGreaterThan(0);
    expect(model.categories).toEqual(['Electronics', 'Snacks']);
    for (const { weights } of model.weights)
      expect(weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBeCloseTo(1, 5);
    await get('/models/2025-01-01-00000000').expect(404);
    await get('/models', viewer).expect(403);
  });

  it('answers a forecast in the documented shape', async () => {
    const path = `/forecasts/${products['SKU-1']}?location_id=${locations.DS1}`;
    const { body } = await get(path, viewer).expect(200);
    expect(body).toMatchObject({
      product_id: products['SKU-1'],
      sku: 'SKU-1',
      location_id: locations.DS1,
      run_id: training.run_id,
      model_version: training.model_version,
      data_sufficiency: 'full',
      degraded: ['events'],
      grain: 'day',
    });
    expect(body.points).toHaveLength(28);
    body.points.forEach((point: Record<string, number>, index: number) => {
      expect(point.forecast_date).toBe(iso(-1 - index));
      expect(point.predicted_demand).toBeGreaterThan(0);
      expect(point.p10).toBeGreaterThanOrEqual(0);
      expect(point.p10).toBeLessThanOrEqual(point.p50);
      expect(point.p50).toBeLessThanOrEqual(point.p90);
      expect(point.confidence_interval).toEqual({ lower: point.p10, upper: point.p90, level: 0.8 });
      expect(point.confidence_score).toBeGreaterThanOrEqual(0);
      expect(point.confidence_score).toBeLessThanOrEqual(1);
      expect(point.override).toBeNull();
    });
  });

  it('adds up: the product total is the sum over its locations, every day', async () => {
    const [total, first, second] = await Promise.all(
      ['', `?location_id=${locations.DS1}`, `?location_id=${locations.DS2}`].map(
        async (query) => (await get(`/forecasts/${products['SKU-2']}${query}`).expect(200)).body,
      ),
    );
    expect(total.location_id).toBeNull();
    total.points.forEach((point: { predicted_demand: number }, i: number) => {
      const sum = first.points[i].predicted_demand + second.points[i].predicted_demand;
      expect(Math.abs(point.predicted_demand - sum)).toBeLessThan(1e-4 * (1 + sum));
    });
  });

  it.each(['SKU-NEW', 'SKU-ZERO', 'SKU-SPIKE'])('forecasts %s and says how little is known', async (sku) => {
    const { body } = await get(`/forecasts/${products[sku]}?location_id=${locations.DS1}`).expect(200);
    expect(body.data_sufficiency).toBe(sku === 'SKU-NEW' ? 'cold_start' : 'limited');
    expect(body.points).toHaveLength(28);
    for (const { predicted_demand, p90 } of body.points) {
      expect(predicted_demand).toBeGreaterThanOrEqual(0);
      expect(predicted_demand).toBeLessThan(50);
      expect(p90).toBeGreaterThanOrEqual(0);
    }
  });

  it('narrows by days and by what was known, and refuses nonsense', async () => {
    const path = `/forecasts/${products['SKU-1']}`;
    const { body } = await get(`${path}?from=${iso(-3)}&to=${iso(-5)}`).expect(200);
    expect(body.points.map((point: { forecast_date: string }) => point.forecast_date)).toEqual([
      iso(-3),
      iso(-4),
      iso(-5),
    ]);
    await get(`${path}?as_of=${LAST_DAY}`).expect(200);
    await get(`${path}?as_of=${iso(1)}`).expect(404);
    for (const [query, field] of [
      ['from=2025-02-30', 'from'],
      [`from=${iso(-5)}&to=${iso(-3)}`, 'from'],
      ['location_id=1', 'location_id'],
      ['horizon=3', 'horizon'],
    ]) {
      const refused = await get(`${path}?${query}`).expect(400);
      expect(refused.body.errors[0].field).toBe(field);
    }
    await get(`/forecasts/${randomUUID()}`).expect(404);
    await get(`${path}?location_id=${randomUUID()}`).expect(404);
    await get('/forecasts/SKU-1').expect(400);
  });

  it('serves a repeated read from the cache, with an ETag the client can revalidate', async () => {
    const path = `/forecasts/${products['SKU-3']}?location_id=${locations.DS2}`;
    const lookups = async (result: string): Promise<number> => {
      const { text } = await api.http.get('/metrics').set('authorization', `Bearer ${api.adminToken}`).expect(200);
      const line = text.split('\n').find((one) => one.startsWith(`forecast_cache_lookups_total{result="${result}"}`));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const before = [await lookups('hit'), await lookups('miss')];
    const first = await get(path).expect(200);
    expect(first.headers).toMatchObject({
      'x-cache': 'MISS',
      'cache-control': 'private, no-cache',
      'content-type': 'application/json; charset=utf-8',
    });
    const second = await get(path, viewer).expect(200);
    expect(second.headers['x-cache']).toBe('HIT');
    expect(second.text).toBe(first.text);
    const third = await get(path).set('if-none-match', first.headers.etag).expect(304);
    expect(third.text).toBe('');
    expect([await lookups('hit'), await lookups('miss')]).toEqual([before[0] + 2, before[1] + 1]);
  });

  it('shows a caller limited to one place that place only', async () => {
    const limited = await api.tokenOf('viewer', [locations.DS1]);
    const path = `/forecasts/${products['SKU-3']}`;
    // Answers for others are ready by now; they must not leak.
    await get(`${path}?location_id=${locations.DS2}`).expect(200);
    await get(path).expect(200);
    await get(`${path}?location_id=${locations.DS2}`, limited).expect(404);
    await get(path, limited).expect(403);
    await get(`${path}?location_id=${locations.DS1}`, limited).expect(200);
    const { body } = await get('/forecasts?limit=500', limited).expect(200);
    expect(new Set(body.items.map((item: { location_id: string }) => item.location_id))).toEqual(
      new Set([locations.DS1]),
    );
    const ranked = await get('/forecast/top-products', limited).expect(200);
    const everywhere = await get('/forecast/top-products').expect(200);
    expect(ranked.body.products[0].predicted_demand).toBeLessThan(everywhere.body.products[0].predicted_demand);
  });

  it('lists forecasts page by page without a gap or a repetition', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { items: Record<string, string>[]; next_cursor: string | null } } = await get(
        `/forecasts?category=Electronics&from=${iso(-1)}&to=${iso(-3)}&limit=4${cursor ? `&cursor=${cursor}` : ''}`,
      ).expect(200);
      for (const item of body.items) {
        expect(item).toMatchObject({ category: 'Electronics', location_id: null });
        seen.push(`${item.sku} ${item.forecast_date}`);
      }
      cursor = body.next_cursor;
    } while (cursor);
    expect(seen).toHaveLength(9);
    expect(new Set(seen).size).toBe(9);
    const byPincode = await get(`/forecasts?pincode=500002&date=${iso(-1)}`).expect(200);
    expect(byPincode.body.items).toHaveLength(6);
    await get('/forecasts?cursor=nonsense').expect(400);
  });

  it('computes accuracy that follows from the kept hold-out', async () => {
    const { body } = await get(`/forecasts/${products['SKU-4']}/accuracy?location_id=${locations.DS2}`, viewer);
    const { rows } = await api.database.client.query(
      `SELECT sum(abs(actual - mean)) / sum(actual) AS wape, avg(abs(actual - mean)) AS mae, count(*)::int AS count
       FROM holdout_forecasts h JOIN products p ON p.id = h.product JOIN locations l ON l.id = h.location
       WHERE p.sku = 'SKU-4' AND l.code = 'DS2'`,
    );
    expect(body.model_version).toBe(training.model_version);
    expect(body.metrics.count).toBe(rows[0].count);
    expect(body.metrics.wape).toBeCloseTo(Number(rows[0].wape), 5);
    expect(body.metrics.mae).toBeCloseTo(Number(rows[0].mae), 5);
    expect(body.metrics.mase).toBeGreaterThan(0);
    expect(body.metrics.pinball).toHaveLength(11);
    const days = body.by_horizon.reduce((sum: number, bucket: { count: number }) => sum + bucket.count, 0);
    expect(days).toBe(rows[0].count);
    const total = await get(`/forecasts/${products['SKU-4']}/accuracy`).expect(200);
    expect(total.body).toMatchObject({ location_id: null, metrics: { count: 30 } });
  });

  it('shows the members beside the ensemble, whose forecast is their weighted mean', async () => {
    const { body } = await get(`/forecasts/${products['SKU-5']}/components?location_id=${locations.DS1}`).expect(200);
    expect(body.weights.length).toBeGreaterThan(2);
    const [point] = body.points;
    expect(Object.keys(point.members)).toEqual(expect.arrayContaining(['seasonal_naive']));
    const values = Object.values<number>(point.members);
    expect(point.predicted_demand).toBeGreaterThanOrEqual(Math.min(...values) - 1e-3);
    expect(point.predicted_demand).toBeLessThanOrEqual(Math.max(...values) + 1e-3);
    const total = await get(`/forecasts/${products['SKU-5']}/components`).expect(200);
    expect(total.body).toMatchObject({ segment: null, weights: [] });
  });

  it('ranks products, caches under the stated key and answers alike from the cache', async () => {
    const path = '/forecast/top-products?time_period=month&category=Electronics';
    const { body, headers } = await get(path, viewer).expect(200);
    expect(headers['x-cache']).toBe('MISS');
    expect(body.products.map(({ sku }: { sku: string }) => sku)).toEqual(['SKU-3', 'SKU-2', 'SKU-1']);
    expect(body.total).toBe(3);
    expect(Math.abs(body.products[0].trend_percent)).toBeLessThan(60);
    const { rows } = await api.database.client.query(
      `SELECT sum(quantity_sold) AS units FROM sales s JOIN products p ON p.id = s.product
       WHERE p.sku = 'SKU-3' AND date > $1`,
      [iso(28)],
    );
    expect(body.products[0].previous_demand).toBe(rows[0].units);
    expect(await api.app.get(CacheStore).get('forecast:Electronics:month:v1')).not.toBeNull();
    const again = await get('/forecast/top-products?category=electronics&time_period=month').expect(200);
    expect(again.headers['x-cache']).toBe('HIT');
    expect(again.body).toEqual(body);
    expect((await get(`${path}&limit=1`).expect(200)).body).toMatchObject({ total: 1 });
    const everything = await get('/forecast/top-products').expect(200);
    const demands = everything.body.products.map((p: { predicted_demand: number }) => p.predicted_demand);
    expect(demands).toEqual([...demands].sort((a: number, b: number) => b - a));
    const unknown = await get('/forecast/top-products?time_period=decade').expect(400);
    expect(unknown.body.errors[0].field).toBe('time_period');
  });

  it('makes a ranking once for many who ask at the same time', async () => {
    const reading = jest.spyOn(api.app.get(SalesService, { strict: false }), 'readPanelRows');
    const asked = Array.from({ length: 50 }, () => get('/forecast/top-products?time_period=quarter').expect(200));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(reading).toHaveBeenCalledTimes(1);
    reading.mockRestore();
  });

  it('refuses requests for the impossible, naming the field', async () => {
    for (const [body, field] of [
      [{ horizon_days: 0 }, 'horizon_days'],
      [{ horizon_days: 10_000 }, 'horizon_days'],
      [{ product_ids: [randomUUID()] }, 'product_ids'],
      [{ location_ids: [randomUUID()] }, 'location_ids'],
      [{ product_ids: [] }, 'product_ids'],
      [{ category: 'Nothing of the kind' }, 'category'],
      [{ horizon: 7 }, 'horizon'],
    ] as const) {
      const refused = await post('/forecasts/generate', body).expect(400);
      expect(refused.body.errors[0].field).toMatch(field);
    }
    await post('/forecasts/generate', {}, viewer).expect(403);
    await post('/models/train', {}, planner).expect(403);
  });

  it('answers the same job to the same request and renews only what was asked for, at once', async () => {
    const scope = [products['SKU-1'], products['SKU-2']];
    const path = `/forecasts/${products['SKU-1']}`;
    const before = await get(path).expect(200);
    const [one, two] = await Promise.all([
      post('/forecasts/generate', { product_ids: scope, horizon_days: 14 }).expect(202),
      post('/forecasts/generate', { horizon_days: 14, product_ids: [...scope].reverse() }).expect(202),
    ]);
    expect(two.body.job_id).toBe(one.body.job_id);
    const result = await finished(one.body.job_id);
    expect(result).toMatchObject({ model_version: training.model_version, series_count: 6, horizon_days: 14 });
    await sleep(1000);
    const after = await get(path).expect(200);
    expect(after.body.run_id).toBe(result.run_id);
    expect(after.body.points).toHaveLength(14);
    // The same model on the same sales forecasts the same, alone or among all.
    expect(after.body.points[0].predicted_demand).toBe(before.body.points[0].predicted_demand);
    const untouched = await get(`/forecasts/${products['SKU-3']}`).expect(200);
    expect(untouched.body.run_id).toBe(training.run_id);
    const stale = await api.database.client.query(
      `SELECT count(*)::int AS rows FROM forecasts f
       LEFT JOIN forecast_series s ON s.product = f.product AND s.location = f.location AND s.run = f.run
       WHERE s.run IS NULL`,
    );
    expect(stale.rows[0].rows).toBe(0);
  });

  it('trains the same model again to the same version', async () => {
    const { body } = await post('/models/train', { budget: 'quick', seed: 7 }, api.adminToken).expect(202);
    const result = await finished(body.job_id);
    expect(result.model_version).toBe(training.model_version);
    expect((await get('/models').expect(200)).body.items).toHaveLength(1);
  });

  it('cancels a running training and leaves everything as it was', async () => {
    const { body } = await post('/models/train', { budget: 'thorough', seed: 8 }, api.adminToken).expect(202);
    let percent = 0;
    while (percent < 6) {
      await sleep(50);
      percent = (await get(`/jobs/${body.job_id}`).expect(200)).body.progress.percent;
    }
    await api.http.delete(`/api/v1/jobs/${body.job_id}`).set('authorization', `Bearer ${planner}`).expect(200);
    const { state } = await jobEnd(api, body.job_id);
    expect(state).toBe('cancelled');
    expect((await get('/models').expect(200)).body.items).toHaveLength(1);
  });

  it('gives other features whole series', async () => {
    const forecasts = api.app.get(ForecastsService, { strict: false });
    const run = await forecasts.currentRun();
    expect(run).toMatchObject({ modelVersion: training.model_version, businessDate: LAST_DAY });
    const series = await forecasts.dailyForecasts({ category: 'Electronics' }, true);
    expect(series).toHaveLength(6);
    for (const one of series) {
      expect(one.mean).toHaveLength(one.run.horizonDays);
      expect(one.dispersion).toBeGreaterThan(0);
      expect(one.quantiles).toHaveLength(one.run.levels.length);
      expect(one.quantiles[one.run.levels.findIndex((level) => Math.abs(level - 0.9) < 1e-6)]).toEqual(one.p90);
      expect(one.mean.every((value) => value > 0)).toBe(true);
    }
    expect(await forecasts.currentSeries({ locations: [0] })).toHaveLength(9);
  });

  it('says so when the stored model is damaged', async () => {
    const { body } = await get(`/models/${training.model_version}`).expect(200);
    await writeFile(join(api.config.lakeDir, body.artefact_key), 'not a model');
    await api.database.client.query(`UPDATE model_texts SET gzip = 'no gzip' WHERE version = $1`, [
      training.model_version,
    ]);
    const accepted = await post('/forecasts/generate', {}).expect(202);
    const job = await jobEnd(api, accepted.body.job_id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'STEPS_FAILED' } });
    expect(job.error?.message).toMatch(`MODEL_DAMAGED: The stored model ${training.model_version as string}`);
  });
});
