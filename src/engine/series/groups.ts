import type { Panel } from './panel.ts';

/** A partition of the series: `groupOf[s]` is the row of series `s` in the arrays of totals. */
export interface SeriesGroups {
  readonly count: number;
  readonly groupOf: Int32Array;
}

/** Daily totals of groups, kept as running sums so that the mean of any window costs two reads. */
export interface GroupTotals {
  readonly groups: SeriesGroups;
  readonly periodCount: number;
  /** Units per group and day. */
  readonly daily: Float64Array;
  /** Entry `g * (periodCount + 1) + d` = units before day `d`. */
  readonly sumBefore: Float64Array;
  /** The same for the number of observed series-days. */
  readonly countBefore: Float64Array;
}

/** Numbers the distinct keys in ascending order, so that the numbering does not depend on the order of the series. */
export function groupBy(keys: ArrayLike<number>): SeriesGroups {
  const distinct = [...new Set(Array.from(keys))].sort((a, b) => a - b);
  const rank = new Map(distinct.map((key, index) => [key, index]));
  return { count: distinct.length, groupOf: Int32Array.from(keys, (key) => rank.get(key) ?? 0) };
}

/** Groups of series that share category and location. */
export function groupByCategoryAndLocation(panel: Panel): SeriesGroups {
  return groupBy(Float64Array.from(panel.category, (category, s) => category * 2 ** 21 + panel.location[s]));
}

/** Sums the observed sales of each group, day by day. */
export function totalGroups(panel: Panel, observed: Uint8Array, groups: SeriesGroups): GroupTotals {
  const { periodCount } = panel;
  const stride = periodCount + 1;
  const daily = new Float64Array(groups.count * periodCount);
  const counts = new Float64Array(groups.count * periodCount);
  for (let s = 0; s < panel.seriesCount; s++) {
    const from = s * periodCount;
    const to = groups.groupOf[s] * periodCount;
    for (let d = 0; d < periodCount; d++) {
      if (observed[from + d] === 0) continue;
      daily[to + d] += panel.sales[from + d];
      counts[to + d] += 1;
    }
  }
  const sumBefore = new Float64Array(groups.count * stride);
  const countBefore = new Float64Array(groups.count * stride);
  for (let g = 0; g < groups.count; g++) {
    for (let d = 0; d < periodCount; d++) {
      sumBefore[g * stride + d + 1] = sumBefore[g * stride + d] + daily[g * periodCount + d];
      countBefore[g * stride + d + 1] = countBefore[g * stride + d] + counts[g * periodCount + d];
    }
  }
  return { groups, periodCount, daily, sumBefore, countBefore };
}
