import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { SignalStatusService } from '../../src/signals/index.ts';
import { salesFile, uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

/** Recorded answers of 2024-03-11; the sales end the day before. */
const recordings = mkdtempSync(join(tmpdir(), 'shelfcast-signals-'));
let api: TestApi;
let worker: INestApplicationContext;

beforeAll(async () => {
  cpSync('test/fixtures/signals', recordings, { recursive: true });
  api = await startApi({
    SIGNALS_REPLAY_DIR: recordings,
    WEATHER_PROVIDER: 'open-meteo',
    MACRO_PROVIDER: 'fred',
    HOLIDAY_COUNTRY: 'IN',
    HOLIDAY_REGION: 'TG',
    MODEL_SIGNALS: 'weather,macro,traffic,local-events',
  });
  await post('/signals/events', { date: '2024-03-24', name: 'Holi' }).expect(201);
  worker = await startWorker(api.config);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
  rmSync(recordings, { recursive: true, force: true });
});

const authorized = <T extends { set(name: string, value: string): T }>(request: T) =>
  request.set('authorization', `Bearer ${api.adminToken}`);
const get = (path: string) => authorized(api.http.get(`/api/v1${path}`));
const post = (path: string, body: object) => authorized(api.http.post(`/api/v1${path}`)).send(body);
const importFile = (content: string) =>
  authorized(api.http.post('/api/v1/signals/import')).attach('file', Buffer.from(content), 'signals.csv');
const missing = () => worker.get(SignalStatusService, { strict: false }).missingSignals('2024-03-10');
const eventsOf = async (from: string, to: string) =>
  ((await get(`/signals/events?from=${from}&to=${to}`).expect(200)).body.items as Record<string, string>[]).map(
    ({ date, name, kind, source }) => [date, name, kind, source],
  );

async function fetchSignals() {
  const jobs = worker.get(JobsService, { strict: false });
  const { id } = await jobs.enqueue({ kind: 'external-data-fetcher', payload: {} });
  const job = await jobEnd(api, id);
  expect(job).toMatchObject({ state: 'succeeded', error: null });
  return job.result as {
    readonly sources: Record<string, { readonly new_values: number; readonly error: string | null }>;
  };
}

describe('signals from outside', () => {
  it('have festivals and holidays in the calendar from the start, and a planner has the last word', async () => {
    expect(await eventsOf('2024-10-30', '2024-11-01')).toEqual([
      ['2024-10-31', 'Diwali', 'festival', 'computed:tithi'],
    ]);
    expect(await eventsOf('2024-06-02', '2024-06-02')).toEqual([
      ['2024-06-02', 'Telangana Formation Day', 'holiday', 'date-holidays:IN-TG'],
    ]);
    expect(await eventsOf('2024-03-20', '2024-03-30')).toEqual([
      ['2024-03-24', 'Holi', 'festival', 'planner'],
      ['2024-03-29', 'Good Friday', 'holiday', 'date-holidays:IN-TG'],
    ]);
    await post('/signals/events', { date: '2025-10-21', name: 'Diwali' }).expect(201);
    expect(await eventsOf('2025-10-19', '2025-10-23')).toEqual([['2025-10-21', 'Diwali', 'festival', 'planner']]);
  });

  it('are fetched once, for places that have coordinates', async () => {
    const { content } = salesFile(3, 70);
    const loaded = await jobEnd(api, await uploadSales(api, content));
    // What is not bound to places is fetched for the days of an upload at once.
    const { rows } = await api.database.client.query<{ id: string }>(
      `SELECT id FROM jobs WHERE kind = 'external-data-fetcher'`,
    );
    expect(rows).toHaveLength(1);
    expect((await jobEnd(api, rows[0].id)).result).toMatchObject({ sources: { macro: { error: null } } });
    const { body: upload } = await get(`/sales-data/uploads/${(loaded.result as { upload_id: string }).upload_id}`);
    expect(upload.steps).toContainEqual(expect.objectContaining({ name: 'signals', state: 'done' }));
    await api.database.client.query('UPDATE locations SET latitude = 17.45, longitude = 78.39');
    expect(await missing()).toEqual(['weather']);

    const { sources } = await fetchSignals();
    expect(sources).toMatchObject({ weather: { error: null }, macro: { error: null } });
    expect(sources.weather.new_values).toBeGreaterThan(1_500);
    expect(await missing()).toEqual([]);
    expect((await fetchSignals()).sources).toMatchObject({ weather: { new_values: 0 }, macro: { new_values: 0 } });

    const { body } = await get('/signals').expect(200);
    expect(body.sources).toMatchObject([
      { name: 'weather', provider: 'open-meteo', uptime: 1, breaker: 'closed', last_error: null },
      { name: 'macro', provider: 'fred', uptime: 1, breaker: 'closed' },
      { name: 'market', provider: null, calls: 0, uptime: null, last_success: null },
    ]);
    expect(body.stored).toContainEqual(
      expect.objectContaining({ signal: 'rainfall', last_date: '2024-03-26', last_known_from: '2024-03-11' }),
    );
    // The calendar kept what the planner said through the seeding of each fetch.
    expect(await eventsOf('2024-03-20', '2024-03-28')).toEqual([['2024-03-24', 'Holi', 'festival', 'planner']]);
  });

  it('go on without a service that answers nonsense, and say so', async () => {
    writeFileSync(
      join(recordings, 'weather-forecast.json'),
      '{"daily":{"time":["2024-03-11"],"temperature_2m_mean":[NaN]}}',
    );
    const { sources } = await fetchSignals();
    expect(sources).toMatchObject({ weather: { error: 'the answer is no JSON' }, macro: { error: null } });
    expect((await get('/signals').expect(200)).body.sources[0]).toMatchObject({ last_error: 'the answer is no JSON' });
    const alerts = async () =>
      (await get('/alerts?kind=signals.source_failed').expect(200)).body.items as { state: string }[];
    expect(await alerts()).toMatchObject([{ state: 'open', severity: 'warning' }]);
    for (let i = 0; i < 4; i++) await fetchSignals();
    expect((await get('/signals').expect(200)).body.sources[0]).toMatchObject({ breaker: 'open' });
    expect((await fetchSignals()).sources.weather.error).toBe('left alone after failures');
    const breaker = async () =>
      /^circuit_breaker_open\{dependency="weather"\} (\d)$/m.exec(
        (await authorized(api.http.get('/metrics')).expect(200)).text,
      )?.[1];
    expect(await breaker()).toBe('1');
    await api.database.client.query('DELETE FROM signal_breakers');
    cpSync('test/fixtures/signals', recordings, { recursive: true });
    await fetchSignals();
    expect(await alerts()).toMatchObject([{ state: 'resolved' }]);
    expect(await breaker()).toBe('0');
  });

  it('are taken in as a file, row by row', async () => {
    const { code } = (await get('/locations').expect(200)).body.items[0] as { code: string };
    const file = [
      'signal,date,location,value,name,kind',
      `event,2024-03-16,${code},,,`,
      'event,2024-03-17,,,City marathon,sport',
      `traffic,2024-03-09,${code},1.4,,`,
      'traffic,2024-03-09,nowhere,1.4,,',
      `traffic,2024-02-30,${code},1.4,,`,
      `rainfall,2024-03-09,${code},NaN,,`,
      '__proto__,2024-03-09,,1,,',
    ].join('\n');
    const { body } = await importFile(file).expect(200);
    expect(body).toMatchObject({ values: 2, events: 1, rejected: 4 });
    expect(body.rejections.map(({ line }: { line: number }) => line)).toEqual([5, 6, 7, 8]);
    expect((await importFile(file).expect(200)).body).toEqual(body);
    expect(await eventsOf('2024-03-16', '2024-03-17')).toEqual([['2024-03-17', 'City marathon', 'sport', 'planner']]);
    const { rows } = await api.database.client.query(
      `SELECT signal, known_from::text, value FROM signal_values WHERE provider = 'import' ORDER BY signal`,
    );
    expect(rows).toEqual([
      { signal: 'local_event', known_from: '2023-03-16', value: 1 },
      { signal: 'traffic', known_from: '2024-03-10', value: 1.4 },
    ]);
    for (const bad of ['', 'signal\nevent\n', 'a,b\n1,2\n'])
      expect((await importFile(bad).expect(400)).body.code).toBe('SIGNAL_FILE_INVALID');
    await post('/signals/import', {}).expect(415);
  });

  it('are learned from, and a model goes on without them, which its forecasts say', async () => {
    const run = async (path: string, body: object) => {
      const job = await jobEnd(api, (await post(path, body).expect(202)).body.job_id as string);
      expect(job).toMatchObject({ state: 'succeeded', error: null });
    };
    await run('/models/train', { budget: 'quick', seed: 1 });
    const { rows } = await api.database.client.query<{ uri: string }>('SELECT features_uri AS uri FROM model_versions');
    const folder = join(api.config.lakeDir, rows[0].uri);
    const [features] = await readParquet(join(folder, readdirSync(folder)[0]));
    for (const name of ['covariate_temperature', 'covariate_rainfall', 'covariate_inflation_last'])
      expect([name, typeof features[name]]).toEqual([name, 'number']);

    const degraded = async () =>
      (
        await api.database.client.query<{ degraded: string[] }>(
          'SELECT degraded FROM forecast_runs ORDER BY id DESC LIMIT 1',
        )
      ).rows[0].degraded;
    expect(await degraded()).not.toContain('weather');
    await api.database.client.query(`DELETE FROM signal_values WHERE signal IN ('temperature', 'rainfall')`);
    await run('/forecasts/generate', {});
    expect(await degraded()).toContain('weather');
    expect(await degraded()).not.toContain('macro');
  });
});
