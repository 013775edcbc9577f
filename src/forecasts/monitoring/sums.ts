import { QUANTILE_LEVELS } from '../../engine/index.ts';

/** Additive facts about judged days: the sums over two sets of days are the sums over their union. */
export interface ScoreSums {
  /** Days of series judged. */
  readonly series: number;
  readonly actual: number;
  readonly actual_squared: number;
  readonly forecast: number;
  readonly absolute_error: number;
  readonly squared_error: number;
  /** Sum of |error| / sales over the days with sales. */
  readonly percent_error: number;
  readonly percent_series: number;
  /** Days below P10, days above P90. */
  readonly below: number;
  readonly above: number;
  /** Sum of the pinball loss by level of `QUANTILE_LEVELS`; empty where some forecast has no such quantiles. */
  readonly pinball: readonly number[];
}

const ERROR = '(o.mean::float8 - o.actual)';

const PINBALL = QUANTILE_LEVELS.map((level, index) => {
  const over = `(o.actual - o.quantiles[${index + 1}]::float8)`;
  return `sum(greatest(${level} * ${over}, (${level} - 1) * ${over}))`;
}).join(', ');

/** The columns of {@link ScoreSums} over rows `o` of {@link observedDays}. */
export const SUMS = `
  count(*)::int AS series, sum(o.actual) AS actual, sum(o.actual * o.actual) AS actual_squared,
  sum(o.mean::float8) AS forecast, sum(abs(${ERROR})) AS absolute_error, sum(${ERROR} * ${ERROR}) AS squared_error,
  coalesce(sum(abs(${ERROR}) / nullif(o.actual, 0)), 0) AS percent_error,
  count(*) FILTER (WHERE o.actual > 0)::int AS percent_series,
  count(*) FILTER (WHERE o.actual < o.p10)::int AS below, count(*) FILTER (WHERE o.actual > o.p90)::int AS above,
  CASE WHEN bool_and(cardinality(o.quantiles) = ${QUANTILE_LEVELS.length}) THEN ARRAY[${PINBALL}] ELSE '{}' END AS pinball`;

/**
 * Forecasts of single series beside what was sold, for the days in the array `days`: run, product, location, segment, date,
 * horizon, actual, mean, p10, p90, quantiles. A day counts if its place reported any sales and the series had been sold
 * before or on it; then no row means no sale, as in training. A day that ended without stock is left out, since its sales
 * were cut. Sums over places are left out: they are the same sales again.
 * @param days name of a parameter that holds dates
 * @param where condition on `r` (forecast_runs), `v` (run_series)
 */
export function observedDays(days: string, where: string): string {
  const wanted = `ANY (${days}::date[])`;
  return `
    SELECT v.run, v.product, v.location, v.segment, f.forecast_date AS date,
      f.forecast_date - r.business_date AS horizon, coalesce(s.quantity_sold, 0) AS actual, f.mean, f.p10, f.p90,
      f.quantiles
    FROM forecast_runs AS r
    JOIN run_series AS v ON v.run = r.id
    JOIN forecasts AS f ON f.product = v.product AND f.location = v.location AND f.run = v.run
    JOIN sales_daily AS d ON d.location = f.location AND d.date = f.forecast_date AND d.date = ${wanted}
      AND d.sales_rows > 0
    JOIN sales_series AS c ON c.product = f.product AND c.location = f.location AND c.first_date <= f.forecast_date
    LEFT JOIN sales AS s ON s.product = f.product AND s.location = f.location AND s.date = f.forecast_date
      AND s.date = ${wanted}
    WHERE v.location <> 0 AND f.forecast_date = ${wanted} AND f.forecast_date > r.business_date
      AND (s.on_hand IS NULL OR s.on_hand > 0) AND (${where})`;
}
