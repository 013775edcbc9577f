import type { Client } from 'pg';
import type { Forecast } from '../../engine/index.ts';
import { CopyIn } from '../../platform/database/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { calibrationFactor, confidenceScore } from './confidence.ts';
import { centralLevels, SeriesKeys, SeriesRow, seriesRows } from './forecast-rows.ts';

/** What becomes a run. */
export interface RunContent {
  readonly forecast: Forecast;
  readonly keys: SeriesKeys;
  readonly model: number;
  /** Last day of sales the forecast has seen, ISO. */
  readonly businessDate: string;
  readonly jobId: string;
  /** Measured coverage of the model's P10..P90, for series and for product totals. */
  readonly coverage: { readonly series: number | null; readonly totals: number | null };
  /** Whether the forecast is of everything: then nothing older stays. */
  readonly complete: boolean;
}

/** A run as it was entered. */
export interface WrittenRun {
  readonly id: number;
  readonly runId: string;
  readonly seriesCount: number;
}

/** Values fit a `real` exactly as they are, so that the database's checks on them hold. */
async function copySeries(client: Client, rows: readonly SeriesRow[]): Promise<void> {
  const copy = new CopyIn(
    client,
    'COPY published_series (product, location, data_sufficiency, segment, dispersion) FROM STDIN (FORMAT binary)',
  );
  for (const row of rows) {
    copy.writer.row(5);
    copy.writer.int32(row.product);
    copy.writer.int32(row.location);
    copy.writer.text(row.sufficiency);
    copy.writer.text(row.segment);
    copy.writer.float32(row.dispersion);
    await copy.flush();
  }
  await copy.finish();
}

async function copyDays(
  client: Client,
  run: number,
  rows: readonly SeriesRow[],
  content: RunContent,
  signal: AbortSignal,
): Promise<void> {
  const { forecast, coverage } = content;
  const { p10, p50, p90 } = centralLevels(forecast.levels);
  const factors = { series: calibrationFactor(coverage.series), totals: calibrationFactor(coverage.totals) };
  const copy = new CopyIn(
    client,
    `COPY forecasts (product, location, run, forecast_date, mean, p10, p50, p90, confidence, quantiles, members)
     FROM STDIN (FORMAT binary)`,
  );
  const quantiles = new Float32Array(forecast.levels.length);
  for (const row of rows) {
    if (signal.aborted) {
      copy.abort();
      throw new JobStoppedError('Stopped while writing the forecasts');
    }
    const members = new Float32Array(row.members.length);
    const factor = row.location === NO_LOCATION ? factors.totals : factors.series;
    for (let h = 0; h < forecast.horizon; h++) {
      row.quantiles.forEach((values, level) => (quantiles[level] = values[h]));
      row.members.forEach((values, member) => (members[member] = values[h]));
      const { writer } = copy;
      writer.row(11);
      writer.int32(row.product);
      writer.int32(row.location);
      writer.int32(run);
      writer.date(forecast.startPeriod + h);
      writer.float32(row.mean[h]);
      writer.float32(quantiles[p10]);
      writer.float32(quantiles[p50]);
      writer.float32(quantiles[p90]);
      writer.float32(confidenceScore(row.mean[h], quantiles[p10], quantiles[p90], factor));
      writer.float32Array(quantiles);
      writer.float32Array(members);
    }
    await copy.flush();
  }
  await copy.finish();
}

/** Points the series at the new run and removes what nothing points at any more. */
async function replaceSeries(client: Client, run: number, complete: boolean): Promise<void> {
  await client.query(
    `INSERT INTO forecast_series (product, location, run, data_sufficiency, segment, dispersion)
     SELECT product, location, $1, data_sufficiency, segment, dispersion FROM published_series
     ON CONFLICT (product, location) DO UPDATE SET run = excluded.run, data_sufficiency = excluded.data_sufficiency,
       segment = excluded.segment, dispersion = excluded.dispersion`,
    [run],
  );
  if (complete) {
    await client.query('DELETE FROM forecast_series WHERE run <> $1', [run]);
    await client.query('DELETE FROM forecasts WHERE run <> $1', [run]);
    return;
  }
  await client.query('ANALYZE published_series');
  await client.query(
    `DELETE FROM forecasts f USING published_series p
     WHERE f.product = p.product AND f.location = p.location AND f.run <> $1`,
    [run],
  );
}

/**
 * Writes a forecast as a run and makes it the current one of its series. Belongs into a transaction: readers see the old
 * forecasts or the new ones.
 */
export async function writeRun(client: Client, content: RunContent, signal: AbortSignal): Promise<WrittenRun> {
  const { forecast, keys } = content;
  const rows = seriesRows(forecast, keys);
  const { rows: runs } = await client.query<{ id: number; runId: string }>(
    `INSERT INTO forecast_runs (model, business_date, horizon_days, series_count, levels, members, sum_inflation, job_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, run_id AS "runId"`,
    [
      content.model,
      content.businessDate,
      forecast.horizon,
      rows.length,
      [...forecast.levels],
      forecast.components.map(({ name }) => name),
      [...forecast.sumInflation],
      content.jobId,
    ],
  );
  const [{ id, runId }] = runs;
  await client.query(
    `CREATE TEMP TABLE published_series (product int, location int, data_sufficiency text, segment text, dispersion real)
     ON COMMIT DROP`,
  );
  await copySeries(client, rows);
  await copyDays(client, id, rows, content, signal);
  await replaceSeries(client, id, content.complete);
  return { id, runId, seriesCount: rows.length };
}
