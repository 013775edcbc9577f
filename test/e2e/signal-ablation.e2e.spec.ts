import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ForecastRequests } from '../../src/forecasts/requests.ts';
import { iso } from '../support/small-panel.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

const DAYS = 200;
let api: TestApi;
let worker: INestApplicationContext;
let version: string;

const send = (method: 'get' | 'post', path: string) =>
  api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const ended = async (jobId: string) => {
  const { state, error, result } = await jobEnd(api, jobId, 300_000);
  expect({ state, error }).toEqual({ state: 'succeeded', error: null });
  return result as Record<string, unknown>;
};
const upload = async (path: string, content: string, name: string) =>
  (await send('post', path).attach('file', Buffer.from(content), name)).body as { job_id: string };
const due = () =>
  worker
    .get(DataSource)
    .transaction((manager) => worker.get(ForecastRequests, { strict: false }).createMeasuring(manager));

/** Twelve series that sell half on days of rain, and the rain, which is told a week further. */
function files(): { readonly sales: string; readonly rain: string } {
  let state = 4321;
  const noise = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  const wet = Array.from({ length: DAYS + 7 }, () => noise() < 0.4);
  const sales = ['date,sku,location,quantity_sold,category'];
  for (let product = 1; product <= 6; product++)
    for (const place of ['DS1', 'DS2'])
      for (let day = 0; day < DAYS; day++) {
        const level = 15 + 5 * product;
        const units = Math.round((wet[day] ? 0.5 : 1) * level * (0.85 + 0.3 * noise()));
        sales.push(`${iso(DAYS - 1 - day)},SKU-${product},${place},${units},${product <= 3 ? 'Snacks' : 'Drinks'}`);
      }
  const rain = wet.map((isWet, day) => `${iso(DAYS - 1 - day)},rainfall,${isWet ? 12 : 0}`);
  return { sales: `${sales.join('\n')}\n`, rain: `${['date,signal,value', ...rain].join('\n')}\n` };
}

beforeAll(async () => {
  api = await startApi({ MODEL_SIGNALS: 'weather,traffic' });
  worker = await startWorker(api.config);
  const { sales, rain } = files();
  await ended((await upload('/sales-data/upload', sales, 'sales.csv')).job_id);
  const imported = await send('post', '/signals/import').attach('file', Buffer.from(rain), 'rain.csv');
  expect(imported.status).toBeLessThan(300);
  const { body } = await send('post', '/models/train').send({ budget: 'quick', horizon_days: 7 }).expect(202);
  version = String((await ended(body.job_id)).model_version);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const signals = async () =>
  (await send('get', `/models/${version}/accuracy`).expect(200)).body.signals as Record<string, unknown>[];

describe('what signals gain', () => {
  let first: Record<string, unknown>[];

  it('is not known before it is measured, which is due for a new champion', async () => {
    expect(await signals()).toEqual([]);
    const job = await due();
    expect(job).toMatchObject({ kind: 'signal-ablation' });
    // The same work, asked for by hand.
    const { body } = await send('post', `/models/${version}/ablation`).expect(202);
    expect(body.job_id).toBe(job?.id);
    const result = await ended(body.job_id);
    expect(result).toMatchObject({ model_version: version, series: 12 });
    first = await signals();
  });

  it('is told of every group, also of those that are off or without data', () => {
    expect(first.map(({ group, verdict }) => [group, verdict])).toEqual([
      ['price', 'no_data'],
      ['promotion', 'no_data'],
      ['calendar', 'off'],
      ['weather', 'gains'],
      ['local-events', 'off'],
      ['traffic', 'no_data'],
      ['macro', 'off'],
      ['market', 'off'],
    ]);
    for (const { verdict, ...gain } of first.filter(({ group }) => group !== 'weather'))
      expect({ verdict, ...gain }).toMatchObject({ series: 0, gain: null, interval: null, with: null, by_segment: [] });
  });

  it('comes with the errors of both, an interval and the demand classes', () => {
    const weather = first.find(({ group }) => group === 'weather') as {
      readonly wape_with: number;
      readonly wape_without: number;
      readonly gain: number;
      readonly interval: [number, number];
      readonly with: { readonly wape: number };
      readonly by_segment: readonly { readonly segment: string; readonly series: number }[];
    };
    expect(weather).toMatchObject({ series: 12, model_version: version, measured_at: expect.any(String) });
    expect(weather.gain).toBeCloseTo(weather.wape_without - weather.wape_with, 10);
    expect(weather.with.wape).toBe(weather.wape_with);
    expect(weather.gain).toBeGreaterThan(0.05);
    expect(weather.interval[0]).toBeGreaterThan(0);
    expect(weather.interval[1]).toBeGreaterThan(weather.gain);
    expect(weather.by_segment.map(({ segment }) => segment)).toContain('smooth');
  });

  it('is the same when it is measured again, and no longer due', async () => {
    expect(await due()).toBeNull();
    const { body } = await send('post', `/models/${version}/ablation`).expect(202);
    await ended(body.job_id);
    const withoutTime = (gains: Record<string, unknown>[]) => gains.map(({ measured_at: _, ...gain }) => gain);
    expect(withoutTime(await signals())).toEqual(withoutTime(first));
  });

  it('is measured of versions there are', async () => {
    await send('post', '/models/nobody/ablation').expect(404);
  });
});
