import type { FeatureSource } from './history.ts';
import type { RunningTotals } from './running-totals.ts';
import type { GroupKind } from './spec.ts';
import { latestBefore } from './windows.ts';
import type { RowSpan } from './row-span.ts';

const { floor, max, min } = Math;

/** Running sums of the group of one series. */
export interface GroupSums {
  readonly totals: RunningTotals;
  /** Where the group's entries begin. */
  readonly sumsAt: number;
}

/** The totals of the group of a series. */
export function groupSums(source: FeatureSource, kind: GroupKind, series: number): GroupSums {
  const totals: RunningTotals =
    kind === 'product' ? source.byProduct : kind === 'shelf' ? source.byShelf : source.byLocation;
  const group = totals.groups.groupOf[series];
  return { totals, sumsAt: group * (totals.periodCount + 1) };
}

const ratio = (above: number, below: number) => (below > 0 ? above / below : NaN);

/** Mean units per period in `[from, to)`; NaN if the window starts before the panel or is empty. */
function meanBetween({ totals, sumsAt }: GroupSums, from: number, to: number): number {
  if (from < 0 || to <= from) return NaN;
  return (totals.sumBefore[sumsAt + to] - totals.sumBefore[sumsAt + from]) / (to - from);
}

/** Units per observed period of a series of the group, in the window before the origin. */
export function fillGroupMean(
  { totals, sumsAt }: GroupSums,
  { origin, from, to }: RowSpan,
  out: Float32Array,
  window: number,
) {
  const { sumBefore, countBefore } = totals;
  for (let row = from; row < to; row++) {
    const end = sumsAt + origin[row];
    const start = sumsAt + max(0, origin[row] - window);
    out[row] = ratio(sumBefore[end] - sumBefore[start], countBefore[end] - countBefore[start]);
  }
}

/** Mean units on the target's place in the season over the last visible repeats, relative to the group's mean. */
export function fillSeasonProfile(
  sums: GroupSums,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  season: number,
  repeats: number,
) {
  const { sumBefore } = sums.totals;
  for (let row = from; row < to; row++) {
    const latest = latestBefore(origin[row], target[row], season);
    const used = min(repeats, floor(latest / season) + 1);
    let total = 0;
    for (let r = 0; r < used; r++) {
      const at = sums.sumsAt + latest - season * r;
      total += sumBefore[at + 1] - sumBefore[at];
    }
    out[row] =
      used > 0 ? ratio(total / used, meanBetween(sums, max(0, origin[row] - season * used), origin[row])) : NaN;
  }
}

/** How far the group's season rose from the origin to the target whole years ago. */
export function fillGroupSeasonRatio(
  sums: GroupSums,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  year: number,
  around: number,
  window: number,
) {
  const half = around >> 1;
  for (let row = from; row < to; row++) {
    const centre = latestBefore(origin[row], target[row], year);
    const before = origin[row] - (target[row] - centre);
    out[row] = ratio(
      meanBetween(sums, centre - half, min(centre + half + 1, origin[row])),
      meanBetween(sums, before - window, before),
    );
  }
}

/** Mean of the last short window relative to that of the last long one. */
export function fillTrend(
  sums: GroupSums,
  { origin, from, to }: RowSpan,
  out: Float32Array,
  short: number,
  long: number,
) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    out[row] = ratio(meanBetween(sums, end - short, end), meanBetween(sums, max(0, end - long), end));
  }
}
