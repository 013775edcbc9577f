import type { Client } from 'pg';
import type { BatchInput } from './batch-workflow.ts';

/** A run of everything that says what another one would say, and is current. */
export interface StandingRun {
  readonly run_id: string;
  readonly series_count: number;
}

/** What a run would be made from. */
export interface BatchSource {
  readonly model: number;
  readonly businessDate: string;
  readonly dataHash: string;
  /** Products that another model forecasts for now. */
  readonly exceptProducts: readonly number[];
}

/**
 * The published run of the same model, history and length that still stands whole: whatever it is meant to be current for
 * points at it. Null where there is none, and a new run has something to say.
 */
export async function standingRun(
  client: Client,
  { grain, periods }: BatchInput,
  { model, businessDate, dataHash, exceptProducts }: BatchSource,
): Promise<StandingRun | null> {
  const { rows } =
    grain === 'week'
      ? await client.query<StandingRun>(
          `SELECT run_id, series_count FROM (
             SELECT * FROM weekly_runs WHERE published_at IS NOT NULL ORDER BY business_date DESC, id DESC LIMIT 1) AS r
           WHERE model = $1 AND business_date = $2 AND data_hash = $3 AND weeks = $4`,
          [model, businessDate, dataHash, periods],
        )
      : await client.query<StandingRun>(
          `SELECT r.run_id, r.series_count FROM forecast_runs AS r
           WHERE r.model = $1 AND r.business_date = $2 AND r.data_hash = $3 AND r.horizon_days = $4
             AND r.published_at IS NOT NULL AND r.archived_at IS NULL
             AND r.series_count = (SELECT count(*) FROM run_series AS v WHERE v.run = r.id)
             AND NOT EXISTS (
               SELECT 1 FROM run_series AS v WHERE v.run = r.id AND v.product <> ALL ($5) AND NOT EXISTS (
                 SELECT 1 FROM forecast_series AS s
                 WHERE s.product = v.product AND s.location = v.location AND s.run = v.run))
           ORDER BY r.id DESC LIMIT 1`,
          [model, businessDate, dataHash, periods, exceptProducts],
        );
  return rows[0] ?? null;
}
