import type { GroupTotals } from '../series/groups.ts';
import type { FeatureSource, SeriesHistory } from './history.ts';
import { latestBefore, type Feature } from './windows.ts';

type GroupOf = (source: FeatureSource) => GroupTotals;

/** Units of a group in `[from, to)`. */
function unitsBetween(totals: GroupTotals, group: number, from: number, to: number): number {
  const base = group * (totals.periodCount + 1);
  return totals.sumBefore[base + to] - totals.sumBefore[base + Math.max(0, from)];
}

/** Mean of a group's day over `[from, to)`; NaN if the window starts before the panel or is empty. */
function meanBetween(totals: GroupTotals, group: number, from: number, to: number): number {
  return from < 0 || to <= from ? NaN : unitsBetween(totals, group, from, to) / (to - from);
}

const ratio = (numerator: number, denominator: number) => (denominator > 0 ? numerator / denominator : NaN);

/** Mean sales per observed series-day of the product over all locations, in the `days` days before the origin. */
export function productMean(days: number): Feature {
  return {
    name: `product_mean_${days}`,
    value: (history, origin) => {
      const totals = history.source.byProduct;
      const group = totals.groups.groupOf[history.series];
      const base = group * (totals.periodCount + 1);
      const from = Math.max(0, origin - days);
      return ratio(
        unitsBetween(totals, group, from, origin),
        totals.countBefore[base + origin] - totals.countBefore[base + from],
      );
    },
  };
}

/** Group sales on the target's weekday over the last 8 visible weeks, relative to the group's mean day in 56 days. */
export function groupWeekdayRatio(name: string, of: GroupOf): Feature {
  return {
    name: `${name}_weekday_ratio`,
    value: (history, origin, target) => {
      const totals = of(history.source);
      const group = totals.groups.groupOf[history.series];
      const latest = latestBefore(origin, target, 7);
      if (latest - 49 < 0) return NaN;
      let sum = 0;
      for (let w = 0; w < 8; w++) sum += totals.daily[group * totals.periodCount + latest - 7 * w];
      return ratio(sum / 8, meanBetween(totals, group, origin - 56, origin));
    },
  };
}

/**
 * Group sales in the week around the same weekday one year before the target, relative to the group's mean in the 28
 * days before the origin's own day of last year: how far last year's season rose from there to the target.
 */
export function groupSeasonRatio(name: string, of: GroupOf): Feature {
  return {
    name: `${name}_season_ratio`,
    value: (history, origin, target) => {
      const totals = of(history.source);
      const group = totals.groups.groupOf[history.series];
      return ratio(
        meanBetween(totals, group, target - 367, Math.min(target - 360, origin)),
        meanBetween(totals, group, origin - 364 - 28, Math.min(origin - 364, origin)),
      );
    },
  };
}

/** Group mean of the last `short` days before the origin relative to that of the last `long` days. */
export function groupTrend(name: string, short: number, long: number, of: GroupOf): Feature {
  return {
    name: `${name}_trend_${short}_${long}`,
    value: (history, origin) => {
      const totals = of(history.source);
      const group = totals.groups.groupOf[history.series];
      return ratio(
        meanBetween(totals, group, origin - short, origin),
        meanBetween(totals, group, Math.max(0, origin - long), origin),
      );
    },
  };
}

/** The same season ratio for the series alone. */
export const OWN_SEASON_RATIO: Feature = {
  name: 'season_ratio',
  value: (history: SeriesHistory, origin, target) =>
    ratio(
      history.mean(Math.min(target - 378, origin), Math.min(target - 350, origin)),
      history.mean(origin - 364 - 28, origin - 364),
    ),
};

export const ofShelf: GroupOf = (source) => source.byShelf;
export const ofLocation: GroupOf = (source) => source.byLocation;
