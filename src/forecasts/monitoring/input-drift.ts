import type { DataSource } from 'typeorm';

/** When what is sold no longer looks like what the champion learned from. */
export const INPUT_DRIFT_RULES = {
  /** Days whose mean is the level of a series. */
  days: 28,
  /** So many of them up to the end of the training are what was learned: a year, so that seasons even out. */
  blocks: 13,
  /** Parts of the levels learned, with a tenth of them each. */
  parts: 10,
  /** The levels of fewer series scatter so much by chance that the index says nothing. */
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
 * Compares, segment by segment, the mean daily sales of the series in the last four weeks with those in every four weeks of
 * the year up to the end of the training: means over the same length, or those of the shorter one would scatter more and
 * look like a shift. Series younger than four weeks at the end of the training are left out.
 */
export async function inputShifts(
  dataSource: DataSource,
  trainEnd: string,
  businessDate: string,
): Promise<SegmentShift[]> {
  const { blocks, parts, leastSeries } = INPUT_DRIFT_RULES;
  const trained = await levelsBySegment(dataSource, trainEnd, trainEnd, blocks);
  const recent = await levelsBySegment(dataSource, trainEnd, businessDate, 1);
  return [...recent].flatMap(([segment, levels]) => {
    const learned = trained.get(segment);
    if (!learned || levels.length < leastSeries) return [];
    return [{ segment, series: levels.length, index: stabilityIndex(learned, levels, parts) }];
  });
}

/** Levels of the series known at the end of the training, in each of so many four weeks up to a day, by segment. */
async function levelsBySegment(
  dataSource: DataSource,
  trainEnd: string,
  end: string,
  blocks: number,
): Promise<Map<string, Float64Array>> {
  const rows = await dataSource.query<{ segment: string; levels: number[] }[]>(
    `SELECT s.segment, array_agg(coalesce(x.units, 0) / $3) AS levels
     FROM forecast_series AS s
     JOIN sales_series AS c ON c.product = s.product AND c.location = s.location AND c.first_date <= $1::date - $3::int + 1
     JOIN generate_series(0, $4::int - 1) AS b (block) ON c.first_date <= $2::date - (b.block + 1) * $3::int + 1
     LEFT JOIN (
       SELECT product, location, ($2::date - date) / $3::int AS block, sum(quantity_sold) AS units FROM sales
       WHERE date > $2::date - $4::int * $3::int AND date <= $2 GROUP BY 1, 2, 3
     ) AS x ON x.product = s.product AND x.location = s.location AND x.block = b.block
     GROUP BY s.segment ORDER BY s.segment`,
    [trainEnd, end, INPUT_DRIFT_RULES.days, blocks],
  );
  return new Map(rows.map(({ segment, levels }) => [segment, Float64Array.from(levels)]));
}

/** What of it is drift, in words. */
export function shiftReasons(shifts: readonly SegmentShift[]): string[] {
  return shifts
    .filter(({ index }) => index > INPUT_DRIFT_RULES.mostIndex)
    .map(({ segment, index }) => `stability index ${index.toFixed(2)} of the levels of ${segment} series`);
}
