import type { ArmMeasures, LiveMeasures } from './decision.ts';
import type { Query } from './rollout.store.ts';

interface Sums {
  readonly days: number;
  readonly series: number;
  readonly units: number | null;
  readonly absoluteA: number | null;
  readonly absoluteB: number | null;
  readonly errorA: number | null;
  readonly errorB: number | null;
  readonly insideA: number | null;
  readonly insideB: number | null;
  readonly count: number;
}

/**
 * Versions $1 and $2 on the same (series, day) pairs: days after $3 up to the business date, of the products $4 (all if
 * null), each forecast by the latest run of either that had not seen it. On a day that its place has reported, a series
 * without a row of sales sold nothing; a day that ended without stock says nothing of demand.
 */
export const PAIRS = `
   WITH forecast AS (
       SELECT DISTINCT ON (f.product, f.location, f.forecast_date, r.model)
         f.product, f.location, f.forecast_date AS date, r.model, f.mean, f.p10, f.p90
       FROM forecast_runs r JOIN forecasts f ON f.run = r.id
       WHERE r.model IN ($1, $2) AND r.archived_at IS NULL AND r.business_date < f.forecast_date
         AND f.forecast_date > $3 AND f.forecast_date <= (SELECT business_date FROM data_clock)
         AND f.location > 0 AND ($4::int[] IS NULL OR f.product = ANY ($4))
       ORDER BY f.product, f.location, f.forecast_date, r.model, r.business_date DESC, r.id DESC),
     pair AS (
       SELECT a.product, a.location, a.date, coalesce(s.quantity_sold, 0) AS actual,
         a.mean AS "meanA", b.mean AS "meanB", a.p10 AS "p10A", a.p90 AS "p90A", b.p10 AS "p10B", b.p90 AS "p90B"
       FROM forecast a
       JOIN forecast b ON b.product = a.product AND b.location = a.location AND b.date = a.date AND b.model = $2
       JOIN sales_daily reported ON reported.location = a.location AND reported.date = a.date AND reported.sales_rows > 0
       LEFT JOIN sales s ON s.product = a.product AND s.location = a.location AND s.date = a.date
       WHERE a.model = $1 AND s.on_hand IS DISTINCT FROM 0)`;

/** Two versions on the pairs of {@link PAIRS}. @param products only these; null for all */
export async function liveMeasures(
  query: Query,
  versions: { readonly candidate: number; readonly champion: number },
  since: string,
  products: readonly number[] | null,
): Promise<LiveMeasures> {
  const [sums] = await query<Sums>(
    `${PAIRS}
     SELECT count(DISTINCT date)::int AS days, count(DISTINCT (product, location))::int AS series, count(*)::int AS count,
       sum(actual) AS units,
       sum(abs(actual - "meanA")) AS "absoluteA", sum(abs(actual - "meanB")) AS "absoluteB",
       sum("meanA" - actual) AS "errorA", sum("meanB" - actual) AS "errorB",
       (count(*) FILTER (WHERE actual BETWEEN "p10A" AND "p90A"))::int AS "insideA",
       (count(*) FILTER (WHERE actual BETWEEN "p10B" AND "p90B"))::int AS "insideB"
     FROM pair`,
    [versions.candidate, versions.champion, since, products],
  );
  const latency = await query<{ model: number; ms: number | null }>(
    `SELECT DISTINCT ON (model) model, compute_ms AS ms FROM forecast_runs
     WHERE model IN ($1, $2) AND compute_ms IS NOT NULL ORDER BY model, id DESC`,
    [versions.candidate, versions.champion],
  );
  const ratio = (sum: number | null, of: number | null) => (sum !== null && of ? sum / of : null);
  const arm = (absolute: number | null, error: number | null, inside: number | null, model: number): ArmMeasures => ({
    wape: ratio(absolute, sums.units),
    bias: ratio(error, sums.units),
    coverage: ratio(inside, sums.count),
    latencyMs: latency.find((one) => one.model === model)?.ms ?? null,
  });
  return {
    days: sums.days,
    series: sums.series,
    units: sums.units ?? 0,
    candidate: arm(sums.absoluteA, sums.errorA, sums.insideA, versions.candidate),
    champion: arm(sums.absoluteB, sums.errorB, sums.insideB, versions.champion),
  };
}
