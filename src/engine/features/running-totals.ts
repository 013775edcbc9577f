import type { GroupTotals, SeriesGroups } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';

/** The running sums of groups without their units per period: half the memory where there are many groups. */
export type RunningTotals = Omit<GroupTotals, 'daily'>;

/** Sums the observed sales of each group and the number of its observed periods before each period. */
export function runningTotals(panel: Panel, observed: Uint8Array, groups: SeriesGroups): RunningTotals {
  const { periodCount, seriesCount, sales } = panel;
  const stride = periodCount + 1;
  const sumBefore = new Float64Array(groups.count * stride);
  const countBefore = new Float64Array(groups.count * stride);
  for (let s = 0; s < seriesCount; s++) {
    const from = s * periodCount;
    const to = groups.groupOf[s] * stride + 1;
    for (let t = 0; t < periodCount; t++) {
      if (observed[from + t] === 0) continue;
      sumBefore[to + t] += sales[from + t];
      countBefore[to + t]++;
    }
  }
  for (let g = 0; g < groups.count; g++) {
    let sum = 0;
    let count = 0;
    for (let at = g * stride + 1; at < (g + 1) * stride; at++) {
      sum += sumBefore[at];
      count += countBefore[at];
      sumBefore[at] = sum;
      countBefore[at] = count;
    }
  }
  return { groups, periodCount, sumBefore, countBefore };
}
