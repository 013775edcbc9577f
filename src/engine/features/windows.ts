import type { SeriesHistory } from './history.ts';
import { FAST_ALPHA, SLOW_ALPHA } from './history.ts';

/**
 * One number a model may learn from: its value for target day `target` as known when day `origin` dawns, so that only
 * days before `origin` are read. Both are day indices of the panel, `target >= origin`. NaN = not known.
 */
export interface Feature {
  readonly name: string;
  readonly value: (history: SeriesHistory, origin: number, target: number) => number;
}

/** Sales on the latest visible day that lies a whole number of `step` days before the target. */
export function salesLag(step: number): Feature {
  return {
    name: `sales_lag_${step}`,
    value: (history, origin, target) => history.at(latestBefore(origin, target, step)),
  };
}

/** Mean of the observed days among the last `days` before the origin. */
export function rollingMean(days: number): Feature {
  return { name: `rolling_mean_${days}`, value: (history, origin) => history.mean(origin - days, origin) };
}

/** Standard deviation (of the population) of the observed days among the last `days` before the origin. */
export function rollingStd(days: number): Feature {
  return {
    name: `rolling_std_${days}`,
    value: (history, origin) => {
      const from = Math.max(0, origin - days);
      const count = history.count[origin] - history.count[from];
      if (count === 0) return NaN;
      const mean = (history.sum[origin] - history.sum[from]) / count;
      const square = (history.sumOfSquares[origin] - history.sumOfSquares[from]) / count;
      return Math.sqrt(Math.max(0, square - mean * mean));
    },
  };
}

/** Least or greatest observed value among the last `days` before the origin. */
export function rollingExtreme(kind: 'min' | 'max', days: number): Feature {
  const sign = kind === 'max' ? 1 : -1;
  return {
    name: `rolling_${kind}_${days}`,
    value: (history, origin) => {
      let best = NaN;
      for (let d = Math.max(0, origin - days); d < origin; d++) {
        const value = sign * history.at(d);
        if (!(value <= best) && !Number.isNaN(value)) best = value;
      }
      return sign * best;
    },
  };
}

/** Exponentially weighted means of the observed days before the origin. */
export const EWMA_FEATURES: readonly Feature[] = [
  { name: `ewma_${SLOW_ALPHA}`, value: (history, origin) => history.slowMean[origin] },
  { name: `ewma_${FAST_ALPHA}`, value: (history, origin) => history.fastMean[origin] },
];

/** Mean of the last `weeks` visible days with the target's weekday. */
export function weekdayMean(weeks: number): Feature {
  return {
    name: `weekday_mean_${weeks}`,
    value: (history, origin, target) => {
      const latest = latestBefore(origin, target, 7);
      let sum = 0;
      let count = 0;
      for (let w = 0; w < weeks; w++) {
        const value = history.at(latest - 7 * w);
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
      return count > 0 ? sum / count : NaN;
    },
  };
}

/** Share of days with a sale among the observed ones of the last `days` before the origin. */
export function nonZeroShare(days: number): Feature {
  return {
    name: `nonzero_share_${days}`,
    value: (history, origin) => {
      const from = Math.max(0, origin - days);
      const count = history.count[origin] - history.count[from];
      return count > 0 ? (history.nonZero[origin] - history.nonZero[from]) / count : NaN;
    },
  };
}

/** Observed days without a sale just before the origin. */
export const ZERO_RUN: Feature = { name: 'zero_run', value: (history, origin) => history.zeroRun[origin] };

/** Mean of the `days` days around the same weekday one year (364 days) before the target, as far as visible. */
export function yearAgoMean(days: number): Feature {
  const half = Math.floor(days / 2);
  return {
    name: `year_ago_mean_${days}`,
    value: (history, origin, target) => {
      const centre = target - 364;
      return history.mean(Math.min(centre - half, origin), Math.min(centre + half + 1, origin));
    },
  };
}

/** The latest day before `origin` that lies a whole number of `step` days before `target`. */
export function latestBefore(origin: number, target: number, step: number): number {
  return target - step * Math.ceil((target - origin + 1) / step);
}
