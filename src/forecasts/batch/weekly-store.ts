import type { Client } from 'pg';
import type { Forecast } from '../../engine/index.ts';
import { CopyIn } from '../../platform/database/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import type { SeriesRow } from '../training/forecast-rows.ts';
import { distributionWriter } from '../training/forecast-writer.ts';
import type { MeasuredCoverage, RunHead } from '../training/forecast-writer.ts';
import { WEEK_DAYS } from './weekly-totals.ts';

/** What holds for all weeks of a run. */
export interface WeeklyHead extends Pick<RunHead, 'model' | 'businessDate' | 'seriesCount' | 'levels' | 'degraded'> {
  /** Public id; the run that has it already is answered as it stands. */
  readonly runId: string;
  readonly dataHash: string;
  readonly weeks: number;
}

/** Enters a run of weeks without rows. @returns its internal id */
export async function openWeeklyRun(client: Client, head: WeeklyHead): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO weekly_runs (run_id, model, business_date, data_hash, weeks, series_count, levels, degraded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (run_id) DO UPDATE SET series_count = excluded.series_count RETURNING id`,
    [
      head.runId,
      head.model,
      head.businessDate,
      head.dataHash,
      head.weeks,
      head.seriesCount,
      [...head.levels],
      [...head.degraded],
    ],
  );
  return rows[0].id;
}

/** Writes series of a run of weeks; what an earlier attempt has written of them goes first. */
export async function writeWeeklyRows(
  client: Client,
  run: number,
  rows: readonly SeriesRow[],
  content: { readonly forecast: Forecast; readonly coverage: MeasuredCoverage },
  signal: AbortSignal,
): Promise<void> {
  await client.query(
    `DELETE FROM weekly_forecasts AS f USING unnest($2::int[], $3::int[]) AS w (product, location)
     WHERE f.run = $1 AND f.product = w.product AND f.location = w.location`,
    [run, rows.map(({ product }) => product), rows.map(({ location }) => location)],
  );
  const { forecast } = content;
  const writeDistribution = distributionWriter(content);
  const copy = new CopyIn(
    client,
    `COPY weekly_forecasts (product, location, run, week, data_sufficiency, mean, p10, p50, p90, confidence, quantiles)
     FROM STDIN (FORMAT binary)`,
  );
  for (const row of rows) {
    if (signal.aborted) {
      copy.abort();
      throw new JobStoppedError('Stopped while writing the forecasts');
    }
    for (let week = 0; week < forecast.horizon; week++) {
      const { writer } = copy;
      writer.row(11);
      writer.int32(row.product);
      writer.int32(row.location);
      writer.int32(run);
      writer.date(forecast.startPeriod + week * WEEK_DAYS);
      writer.text(row.sufficiency);
      writeDistribution(writer, row, week);
    }
    await copy.flush();
  }
  await copy.finish();
}

/**
 * Lets a written run of weeks be read: the one with the latest business date, written last, is the current one. What the
 * same model said from the same day's sales before goes.
 */
export async function publishWeeklyRun(client: Client, run: number): Promise<true> {
  await client.query('UPDATE weekly_runs SET published_at = coalesce(published_at, clock_timestamp()) WHERE id = $1', [
    run,
  ]);
  await client.query(
    `DELETE FROM weekly_runs AS o USING weekly_runs AS r
     WHERE r.id = $1 AND o.model = r.model AND o.business_date = r.business_date AND o.id < r.id`,
    [run],
  );
  await client.query('UPDATE forecast_clock SET publications = publications + 1');
  return true;
}

/**
 * Weeks that begin on $3..$4 (null: open; the others have no date) of product $1 at location $2, in the run that is
 * current or, where $5 is a day, was when the sales of that day were the latest.
 */
export const WEEKLY_SERIES = `
  SELECT r.run_id AS "runId", m.version AS "modelVersion", r.generated_at AS "generatedAt",
    r.business_date AS "businessDate", max(f.week) OVER () + 6 AS "lastDay", r.degraded,
    f.data_sufficiency AS sufficiency, f.mean, f.p10, f.p50, f.p90, f.confidence,
    CASE WHEN f.week >= coalesce($3::date, '-infinity') AND f.week <= coalesce($4::date, 'infinity') THEN f.week END AS date
  FROM (
    SELECT * FROM weekly_runs WHERE published_at IS NOT NULL AND ($5::date IS NULL OR business_date <= $5)
    ORDER BY business_date DESC, id DESC LIMIT 1) AS r
  JOIN model_versions AS m ON m.id = r.model
  JOIN weekly_forecasts AS f ON f.run = r.id AND f.product = $1 AND f.location = $2
  ORDER BY f.week`;
