import type { DataSource } from 'typeorm';

/** When what is sold no longer looks like what the champion learned from. */
export const INPUT_DRIFT_RULES = {
  /** Latest days, whose mean is the level of a series now. */
  days: 28,
  /** Days up to the end of the training, whose mean is the level it learned: a year, so that seasons even out. */
  trainedDays: 364,
  /** Parts of the levels learned, with a tenth of the series each. */
  parts: 10,
  /** Fewer series scatter so much by chance that the index says nothing. */
  leastSeries: 200,
  /** Above this the index is commonly read as a shift that a model has to follow. */
  mostIndex: 0.25,
} as const;

/** A share of 0 has no logarithm; it counts as half a series. */
const HALF = 0.5;

/**
 * Population stability index between two samples: Σ (a - e) ln(a / e) over parts whose bounds are quantiles of what was
 * expected, with e and a the shares that lie in each. Values alike, such as zeros, stay in one part. 0 = the same.
 */
export function stabilityIndex(expected: Float64Array, actual: Float64Array, parts: number): number {
  const sorted = expected.toSorted();
  const bounds = Array.from({ length: parts - 1 }, (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / parts)]);
  const distinct = [...new Set(bounds)];
  const shares = (values: Float64Array) => {
    const counts = new Float64Array(distinct.length + 1);
    for (const value of values) {
      const at = distinct.findIndex((bound) => value < bound);
      counts[at < 0 ? distinct.length : at]++;
    }
    return counts.map((count) => Math.max(count, HALF) / values.length);
  };
  const wanted = shares(expected);
  const found = shares(actual);
  return found.reduce((sum, share, part) => sum + (share - wanted[part]) * Math.log(share / wanted[part]), 0);
}

/** How far the levels of the series of a segment have moved. */
export interface SegmentShift {
  readonly segment: string;
  readonly series: number;
  readonly index: number;
}

/**
 * Compares, segment by segment, the mean daily sales of the series in the year up to the end of the training with those of
 * the last four weeks. Series younger than four weeks at the end of the training are left out.
 */
export async function inputShifts(
  dataSource: DataSource,
  trainEnd: string,
  businessDate: string,
): Promise<SegmentShift[]> {
  const { days, trainedDays, parts, leastSeries } = INPUT_DRIFT_RULES;
  const rows = await dataSource.query<{ segment: string; trained: number[]; recent: number[] }[]>(
    `SELECT segment, array_agg(trained) AS trained, array_agg(recent) AS recent
     FROM (
       SELECT s.segment,
         coalesce(sum(x.quantity_sold) FILTER (WHERE x.date <= $1), 0) / least($3, $1::date - c.first_date + 1) AS trained,
         coalesce(sum(x.quantity_sold) FILTER (WHERE x.date > $2::date - $4::int), 0) / $4 AS recent
       FROM forecast_series AS s
       JOIN sales_series AS c ON c.product = s.product AND c.location = s.location
       LEFT JOIN sales AS x ON x.product = s.product AND x.location = s.location
         AND x.date > $1::date - $3::int AND x.date <= $2
         AND (x.date <= $1 OR x.date > $2::date - $4::int)
       WHERE c.first_date <= $1::date - $4::int
       GROUP BY s.product, s.location, s.segment, c.first_date) AS levels
     GROUP BY segment HAVING count(*) >= $5 ORDER BY segment`,
    [trainEnd, businessDate, trainedDays, days, leastSeries],
  );
  return rows.map(({ segment, trained, recent }) => ({
    segment,
    series: trained.length,
    index: stabilityIndex(Float64Array.from(trained), Float64Array.from(recent), parts),
  }));
}

/** What of it is drift, in words. */
export function shiftReasons(shifts: readonly SegmentShift[]): string[] {
  return shifts
    .filter(({ index }) => index > INPUT_DRIFT_RULES.mostIndex)
    .map(({ segment, index }) => `stability index ${index.toFixed(2)} of the levels of ${segment} series`);
}
