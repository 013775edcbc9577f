import type { EntityManager } from 'typeorm';

/**
 * Forecasts of a day by every vintage that was current for the series before it, beside what was sold: a day without a
 * row of sales sold nothing, if its place reported any sales; a day that ended without stock says nothing of demand.
 */
const OUTCOMES = `
  SELECT f.product, f.location, f.run, r.model, r.business_date AS vintage, s.segment, f.mean, f.p10, f.p50, f.p90,
    f.quantiles, r.levels, coalesce(sold.quantity_sold, 0) AS actual, sold.promotion
  FROM forecast_runs AS r
  JOIN forecasts AS f ON f.run = r.id AND f.forecast_date = $1
  JOIN run_series AS s ON s.run = r.id AND s.product = f.product AND s.location = f.location
  JOIN sales_daily AS reported ON reported.location = f.location AND reported.date = $1 AND reported.sales_rows > 0
  LEFT JOIN sales AS sold ON sold.product = f.product AND sold.location = f.location AND sold.date = $1
  WHERE r.archived_at IS NULL AND r.business_date < $1 AND r.business_date + r.horizon_days >= $1
    AND s.published_at IS NOT NULL AND f.location > 0 AND sold.on_hand IS DISTINCT FROM 0`;

/** Of these the forecasts of each series by the vintage that was the latest before the day, the parameter `$1`. */
export const LATEST_OUTCOMES = `
  SELECT DISTINCT ON (product, location) * FROM (${OUTCOMES}) AS outcome
  ORDER BY product, location, vintage DESC, run DESC`;

/** Sums of the pinball loss of one of the stored quantiles. */
const pinball = (quantile: string, level: number): string =>
  `sum(greatest(${level} * (actual - ${quantile}), (${level} - 1) * (actual - ${quantile})))`;

/**
 * Writes the sums of a day anew: by version, vintage and segment. A corrected day replaces what it had; the same sales
 * give the same sums. What was found of vintages that are archived since stays as it is.
 */
export async function scoreDay(manager: EntityManager, date: string): Promise<void> {
  await manager.query(
    `DELETE FROM live_accuracy AS a WHERE date = $1 AND EXISTS (
       SELECT 1 FROM forecast_runs AS r
       WHERE r.model = a.model AND r.business_date = a.vintage AND r.archived_at IS NULL)`,
    [date],
  );
  await manager.query(
    `INSERT INTO live_accuracy (date, model, vintage, segment, count, units, error, absolute, squared, inside,
       pinball_p10, pinball_p50, pinball_p90)
     SELECT $1, model, vintage, segment, count(*), sum(actual), sum(mean - actual), sum(abs(mean - actual)),
       sum((mean - actual) ^ 2), count(*) FILTER (WHERE actual BETWEEN p10 AND p90),
       ${pinball('p10', 0.1)}, ${pinball('p50', 0.5)}, ${pinball('p90', 0.9)}
     FROM (${OUTCOMES}) AS outcome GROUP BY model, vintage, segment`,
    [date],
  );
}

/**
 * Where P1 lies between the 0.5 % and the 2.5 % quantile, and P99 likewise from above: (z.01 - z.005) / (z.025 - z.005) of
 * the standard normal distribution, with z.005 = -2.5758, z.01 = -2.3263, z.025 = -1.9600.
 */
const OUTER = 0.4052;

/** Days in a row outside P10..P90 on one side that are no chance any more: 0.1 percent of the time if the model is right. */
export const STREAK_DAYS = 3;

/**
 * Finds the series whose day nobody expected, by the vintage that was the latest before it: outside P1..P99, taken
 * between the stored quantiles on the scale of a normal distribution; or the third day in a row outside P10..P90
 * on the same side. Written anew for the day, save what was found by vintages that are archived since.
 * @returns how many series are known of
 */
export async function findAnomalies(manager: EntityManager, date: string): Promise<number> {
  await manager.query(
    `DELETE FROM forecast_anomalies AS a USING forecast_runs AS r
     WHERE a.date = $1 AND r.id = a.run AND r.archived_at IS NULL`,
    [date],
  );
  await manager.query(
    `WITH latest AS (${LATEST_OUTCOMES}),
     bounds AS (
       SELECT *, quantiles[1] + ${OUTER} * (quantiles[2] - quantiles[1]) AS p1,
         quantiles[n] - ${OUTER} * (quantiles[n] - quantiles[n - 1]) AS p99
       FROM (SELECT *, cardinality(levels) AS n FROM latest) AS counted
       WHERE n >= 4 AND abs(levels[1] - 0.005) < 1e-6 AND abs(levels[2] - 0.025) < 1e-6
         AND abs(levels[n] - 0.995) < 1e-6 AND abs(levels[n - 1] - 0.975) < 1e-6),
     side AS (
       SELECT product, location, $1::date AS date, CASE WHEN actual > p90 THEN 1 ELSE -1 END AS side, actual, mean, p10, p90, run
       FROM latest WHERE actual > p90 OR actual < p10),
     streak AS (
       INSERT INTO forecast_anomalies (date, product, location, kind, side, actual, mean, lower, upper, run)
       SELECT $1, product, location, 'streak', CASE WHEN side > 0 THEN 'above' ELSE 'below' END, actual, mean, p10, p90, run
       FROM side WHERE (
         SELECT count(*) FROM (
           SELECT DISTINCT ON (f.forecast_date) f.forecast_date, f.p10, f.p90
           FROM forecasts AS f JOIN forecast_runs AS r ON r.id = f.run
           JOIN run_series AS s ON s.run = f.run AND s.product = f.product AND s.location = f.location
           WHERE f.product = side.product AND f.location = side.location AND r.business_date < f.forecast_date
             AND s.published_at IS NOT NULL
             AND f.forecast_date BETWEEN $1::date - ${STREAK_DAYS - 1} AND $1::date - 1
           ORDER BY f.forecast_date, r.business_date DESC, r.id DESC) AS before
         JOIN sales_daily AS reported ON reported.location = side.location AND reported.date = before.forecast_date
           AND reported.sales_rows > 0
         LEFT JOIN sales ON sales.product = side.product AND sales.location = side.location
           AND sales.date = before.forecast_date
         WHERE sales.on_hand IS DISTINCT FROM 0
           AND CASE WHEN side.side > 0 THEN coalesce(sales.quantity_sold, 0) > before.p90
             ELSE coalesce(sales.quantity_sold, 0) < before.p10 END) = ${STREAK_DAYS - 1}
       ON CONFLICT DO NOTHING)
     INSERT INTO forecast_anomalies (date, product, location, kind, side, actual, mean, lower, upper, run)
     SELECT $1, product, location, 'outlier', CASE WHEN actual > p99 THEN 'above' ELSE 'below' END, actual, mean, p1, p99, run
     FROM bounds WHERE actual > p99 OR actual < p1
     ON CONFLICT DO NOTHING`,
    [date],
  );
  const [{ count }] = await manager.query<{ count: number }[]>(
    'SELECT count(DISTINCT (product, location))::int AS count FROM forecast_anomalies WHERE date = $1',
    [date],
  );
  return count;
}
