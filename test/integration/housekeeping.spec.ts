import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { join } from 'node:path';
import { Housekeeping } from '../../src/platform/housekeeping/index.ts';
import { readParquet } from '../../src/platform/parquet/index.ts';
import { setClock } from '../support/stored-forecasts.ts';
import { startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  await setClock(api.database.client, '2020-01-01', '2024-01-01');
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const sql = async (text: string) => (await api.database.client.query(text)).rows as Record<string, unknown>[];
const values = async (text: string) => (await sql(text)).map((row) => Object.values(row)[0]);
const clean = () =>
  worker.get(Housekeeping, { strict: false }).clean(new Date('2026-06-01'), new AbortController().signal);

/** A model of a stage and age, with a hold-out of so many days of one series. */
async function model(version: string, stage: string, created: string, days: number): Promise<void> {
  await sql(`
    WITH model AS (
      INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version, parameters, seed,
        train_start, train_end, metrics, weights, created_at)
      VALUES ('${version}', '${stage}', 'none', '', '', '', '{}', 1, '2023-01-01', '2023-12-01', '{}', '[]', '${created}')
      RETURNING id),
    scale AS (INSERT INTO holdout_scales SELECT id, 1, 2, 0.5, 0.25 FROM model)
    INSERT INTO holdout_forecasts (model, product, location, date, horizon, actual, mean, seasonal_naive, p10, p50, p90,
      quantiles)
    SELECT id, 1, 2, '2023-12-01'::date + n, n, n, n + 0.5, 1, 0, 1, 2, '{0,1,2}' FROM model, generate_series(1, ${days}) n`);
}

describe('what is known of days long ago', () => {
  it('goes by the date of the latest sales, and by no other clock', async () => {
    await model('first', 'failed', '2026-05-31', 0);
    await sql(`INSERT INTO live_accuracy SELECT d, m.id, d - 1, 'all', 1, 1, 0, 0, 0, 1, 0, 0, 0
      FROM unnest(ARRAY['2021-12-31', '2022-01-01', '2022-01-02']::date[]) d, model_versions m`);
    await sql(`INSERT INTO availability_days (date, product, location, state)
      VALUES ('2020-12-31', 1, 1, 'closed'), ('2021-01-02', 1, 1, 'closed')`);
    await sql(`INSERT INTO signal_values (signal, location, date, known_from, value, provider)
      SELECT 'cpi', 0, d, d, 1, 'test' FROM unnest(ARRAY['2017-12-31', '2018-01-02']::date[]) d`);
    expect(await clean()).toMatchObject({ 'live-accuracy': 1, 'availability-days': 1, 'signal-values': 1 });
    expect(await values('SELECT date FROM live_accuracy ORDER BY date')).toEqual(['2022-01-01', '2022-01-02']);
    expect(await values('SELECT date FROM availability_days')).toEqual(['2021-01-02']);
    expect(await values('SELECT date FROM signal_values')).toEqual(['2018-01-02']);
  });

  it('goes two years after the upload it was found in, whatever days it is about', async () => {
    await sql(`WITH u AS (
        INSERT INTO uploads (filename, bytes, sha256, object_key, state, created_at)
        VALUES ('old', 1, 'old', 'old', 'loaded', '2024-05-01'), ('new', 1, 'new', 'new', 'loaded', '2024-07-01')
        RETURNING id)
      INSERT INTO quality_days (upload, date, kind, count) SELECT id, '2020-05-05', 'gap', 1 FROM u`);
    expect(await clean()).toMatchObject({ 'quality-days': 1 });
    expect(await values('SELECT u.filename FROM quality_days q JOIN uploads u ON u.id = q.upload')).toEqual(['new']);
  });
});

describe('the hold-out of a model', () => {
  it('is kept of the champion and of young models, and else becomes a file with all of it', async () => {
    await model('serving', 'champion', '2025-01-01', 3);
    await model('waiting', 'candidate', '2025-01-01', 3);
    await model('young', 'archived', '2026-05-01', 3);
    await model('replaced', 'archived', '2025-01-01', 30);
    await model('refused', 'failed', '2025-01-01', 2);
    expect(await clean()).toMatchObject({ 'hold-outs': 2 });
    const left = `SELECT DISTINCT version FROM holdout_forecasts h JOIN model_versions m ON m.id = h.model ORDER BY 1`;
    expect(await values(left)).toEqual(['serving', 'waiting', 'young']);
    expect(await values(left.replace('forecasts', 'scales'))).toEqual(expect.not.arrayContaining(['replaced']));
    const rows = await readParquet(join(api.config.lakeDir, 'hold-outs/replaced.parquet'));
    expect(rows).toHaveLength(30);
    expect(rows[6]).toEqual({
      product: 1,
      location: 2,
      date: Date.parse('2023-12-08') / 86_400_000,
      horizon: 7,
      actual: 7,
      mean: 7.5,
      seasonal_naive: 1,
      p10: 0,
      p50: 1,
      p90: 2,
      quantiles: '{0,1,2}',
      mean_absolute: 0.5,
      mean_squared: 0.25,
    });
    expect(await clean()).toMatchObject({ 'hold-outs': 0 });
  });
});
