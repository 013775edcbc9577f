import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import type { Forecast } from '../../engine/index.ts';
import { CopyIn } from '../../platform/database/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { calibrationFactor, confidenceScore } from './confidence.ts';
import { centralLevels, SeriesKeys, SeriesRow, seriesRows } from './forecast-rows.ts';

/** What holds for every row of a run. */
export interface RunHead {
  readonly model: number;
  /** Last day of sales the forecast has seen, ISO. */
  readonly businessDate: string;
  readonly horizonDays: number;
  readonly seriesCount: number;
  /** Levels of the quantiles. */
  readonly levels: readonly number[];
  /** Names of the ensemble's members. */
  readonly members: readonly string[];
  /** Entry `n - 1`: variance of the sum of n days over the sum of the n daily variances. */
  readonly sumInflation: ArrayLike<number>;
  readonly jobId: string;
  /** Time the forecast took, ms; null where it was part of a training. */
  readonly computeMs?: number | null;
  /** Hash of the history where the run is of everything; runs of one model and hash hold the same. */
  readonly dataHash?: string;
  /** Signals it had to do without. */
  readonly degraded: readonly string[];
}

/** Measured coverage of a model's P10..P90, for series and for product totals; null where it was not measured. */
export interface MeasuredCoverage {
  readonly series: number | null;
  readonly totals: number | null;
}

/** What becomes a run in one go. */
export interface RunContent {
  readonly forecast: Forecast;
  readonly keys: SeriesKeys;
  readonly model: number;
  /** Last day of sales the forecast has seen, ISO. */
  readonly businessDate: string;
  readonly jobId: string;
  readonly coverage: MeasuredCoverage;
  /** Time the forecast took, ms. */
  readonly computeMs: number;
  /** Signals it had to do without. */
  readonly degraded: readonly string[];
}

/** What measuring a model has found of its intervals. */
export function coverageOf(evaluation: StoredCoverage | null | undefined): MeasuredCoverage {
  return { series: evaluation?.ensemble.coverage ?? null, totals: evaluation?.productTotals.coverage ?? null };
}

/** The part of an evaluation that tells of coverage. */
interface StoredCoverage {
  readonly ensemble: { readonly coverage: number | null };
  readonly productTotals: { readonly coverage: number | null };
}

/** A run as it was entered. */
export interface WrittenRun {
  readonly id: number;
  readonly runId: string;
  readonly seriesCount: number;
}

/** Values fit a `real` exactly as they are, so that the database's checks on them hold. */
async function copySeries(client: Client, run: number, rows: readonly SeriesRow[]): Promise<void> {
  const copy = new CopyIn(
    client,
    'COPY run_series (run, product, location, data_sufficiency, segment, dispersion) FROM STDIN (FORMAT binary)',
  );
  for (const row of rows) {
    copy.writer.row(6);
    copy.writer.int32(run);
    copy.writer.int32(row.product);
    copy.writer.int32(row.location);
    copy.writer.text(row.sufficiency);
    copy.writer.text(row.segment);
    copy.writer.float32(row.dispersion);
    await copy.flush();
  }
  await copy.finish();
}

/**
 * Adds to an open row of a COPY what a forecast says of one period of a series: mean, P10, P50, P90, the confidence score and
 * all quantiles, six fields. Values fit a `real` exactly as they are.
 */
export function distributionWriter({ forecast, coverage }: Pick<RunContent, 'forecast' | 'coverage'>) {
  const { p10, p50, p90 } = centralLevels(forecast.levels);
  const factors = { series: calibrationFactor(coverage.series), totals: calibrationFactor(coverage.totals) };
  const quantiles = new Float32Array(forecast.levels.length);
  return (writer: CopyIn['writer'], row: SeriesRow, period: number): void => {
    row.quantiles.forEach((values, level) => (quantiles[level] = values[period]));
    const factor = row.location === NO_LOCATION ? factors.totals : factors.series;
    writer.float32(row.mean[period]);
    writer.float32(quantiles[p10]);
    writer.float32(quantiles[p50]);
    writer.float32(quantiles[p90]);
    writer.float32(confidenceScore(row.mean[period], quantiles[p10], quantiles[p90], factor));
    writer.float32Array(quantiles);
  };
}

async function copyDays(
  client: Client,
  run: number,
  rows: readonly SeriesRow[],
  content: Pick<RunContent, 'forecast' | 'coverage'>,
  signal: AbortSignal,
): Promise<void> {
  const { forecast } = content;
  const writeDistribution = distributionWriter(content);
  const copy = new CopyIn(
    client,
    `COPY forecasts (product, location, run, forecast_date, mean, p10, p50, p90, confidence, quantiles, members)
     FROM STDIN (FORMAT binary)`,
  );
  for (const row of rows) {
    if (signal.aborted) {
      copy.abort();
      throw new JobStoppedError('Stopped while writing the forecasts');
    }
    const members = new Float32Array(row.members.length);
    for (let h = 0; h < forecast.horizon; h++) {
      row.members.forEach((values, member) => (members[member] = values[h]));
      const { writer } = copy;
      writer.row(11);
      writer.int32(row.product);
      writer.int32(row.location);
      writer.int32(run);
      writer.date(forecast.startPeriod + h);
      writeDistribution(writer, row, h);
      writer.float32Array(members);
    }
    await copy.flush();
  }
  await copy.finish();
}

/**
 * Enters a run without rows; nothing points at it.
 * @param runId public id; the run that has it already is answered as it stands
 */
export async function openRun(client: Client, head: RunHead, runId: string = randomUUID()): Promise<WrittenRun> {
  const { rows } = await client.query<{ id: number; runId: string }>(
    `INSERT INTO forecast_runs (run_id, model, business_date, horizon_days, series_count, levels, members, sum_inflation,
       job_id, compute_ms, data_hash, degraded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (run_id) DO UPDATE SET job_id = excluded.job_id RETURNING id, run_id AS "runId"`,
    [
      runId,
      head.model,
      head.businessDate,
      head.horizonDays,
      head.seriesCount,
      [...head.levels],
      [...head.members],
      Array.from(head.sumInflation),
      head.jobId,
      head.computeMs ?? null,
      head.dataHash ?? null,
      [...head.degraded],
    ],
  );
  return { ...rows[0], seriesCount: head.seriesCount };
}

/**
 * Writes series of a run that is not published. What an earlier attempt has written of the same series goes first, so
 * that a part of a run may be written again.
 */
export async function writeRunRows(
  client: Client,
  run: number,
  rows: readonly SeriesRow[],
  content: Pick<RunContent, 'forecast' | 'coverage'>,
  signal: AbortSignal,
): Promise<void> {
  const keys = [run, rows.map(({ product }) => product), rows.map(({ location }) => location)];
  const again = await client.query(
    `DELETE FROM run_series AS s USING unnest($2::int[], $3::int[]) AS w (product, location)
     WHERE s.run = $1 AND s.product = w.product AND s.location = w.location`,
    keys,
  );
  if (again.rowCount)
    await client.query(
      `DELETE FROM forecasts AS f USING unnest($2::int[], $3::int[]) AS w (product, location)
       WHERE f.run = $1 AND f.product = w.product AND f.location = w.location`,
      keys,
    );
  await copySeries(client, run, rows);
  await copyDays(client, run, rows, content, signal);
}

/** Writes a forecast as a run that is not published yet. */
export async function writeRun(client: Client, content: RunContent, signal: AbortSignal): Promise<WrittenRun> {
  const { forecast, keys } = content;
  const rows = seriesRows(forecast, keys);
  const run = await openRun(client, {
    model: content.model,
    businessDate: content.businessDate,
    horizonDays: forecast.horizon,
    seriesCount: rows.length,
    levels: forecast.levels,
    members: forecast.components.map(({ name }) => name),
    sumInflation: forecast.sumInflation,
    jobId: content.jobId,
    computeMs: content.computeMs,
    degraded: content.degraded,
  });
  await writeRunRows(client, run.id, rows, content, signal);
  return run;
}
