import type { DataSource, EntityManager } from 'typeorm';

/** Live measures of one cut. Null where not defined. */
export interface LiveAccuracy {
  readonly count: number;
  readonly units: number;
  readonly wape: number | null;
  readonly bias: number | null;
  readonly mae: number | null;
  readonly rmse: number | null;
  /** Share of the actuals inside P10..P90. */
  readonly coverage: number | null;
  /** Mean pinball loss of P10, P50 and P90. */
  readonly pinball: number | null;
}

/** Buckets of days ahead that accuracy is told by. */
export const HORIZON_BUCKETS = [
  [1, 7],
  [8, 14],
  [15, 28],
  [29, 366],
] as const;

/** By what a version's live accuracy is told apart. */
export type Cut = 'all' | 'segment' | 'horizon' | 'vintage' | 'date';

const KEY: Record<Cut, string> = {
  all: `''`,
  segment: 'segment',
  horizon: `CASE ${HORIZON_BUCKETS.map(([from, to]) => `WHEN date - vintage BETWEEN ${from} AND ${to} THEN '${from}-${to}'`).join(' ')} END`,
  vintage: 'vintage::text',
  date: 'date::text',
};

interface Sums {
  readonly key: string;
  readonly count: number;
  readonly units: number;
  readonly error: number;
  readonly absolute: number;
  readonly squared: number;
  readonly inside: number;
  readonly pinball: number;
}

/** Which days and horizons count. */
export interface LiveScope {
  readonly model: number;
  /** First and last day, ISO; open where absent. */
  readonly from?: string;
  readonly to?: string;
  readonly longestHorizon?: number;
}

/** Live accuracy of a version, by a cut; sums are divided once, so that percentages are never averaged. */
export async function liveAccuracy(
  source: DataSource | EntityManager,
  { model, from, to, longestHorizon }: LiveScope,
  cut: Cut,
): Promise<(LiveAccuracy & { readonly key: string })[]> {
  const key = KEY[cut];
  const rows = await source.query<Sums[]>(
    `SELECT ${key} AS key, sum(count)::int AS count, sum(units) AS units, sum(error) AS error, sum(absolute) AS absolute,
       sum(squared) AS squared, sum(inside)::int AS inside, sum(pinball_p10 + pinball_p50 + pinball_p90) AS pinball
     FROM live_accuracy WHERE model = $1 AND ($2::date IS NULL OR date >= $2) AND ($3::date IS NULL OR date <= $3)
       AND ($4::int IS NULL OR date - vintage <= $4)
     GROUP BY 1 ORDER BY min(date - vintage), 1`,
    [model, from ?? null, to ?? null, longestHorizon ?? null],
  );
  return rows.map(({ key: name, count, units, error, absolute, squared, inside, pinball }) => ({
    key: name,
    count,
    units,
    wape: units > 0 ? absolute / units : null,
    bias: units > 0 ? error / units : null,
    mae: count > 0 ? absolute / count : null,
    rmse: count > 0 ? Math.sqrt(squared / count) : null,
    coverage: count > 0 ? inside / count : null,
    pinball: count > 0 ? pinball / (3 * count) : null,
  }));
}
