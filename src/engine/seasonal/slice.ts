import type { Panel } from '../series/panel.ts';
import { weekdayOf } from '../series/days.ts';

/** One series as a simple model sees it: the days `first`..`end - 1` of arrays that may hold other series too. */
export interface SeriesSlice {
  readonly values: Float32Array;
  /** 1 where the value tells the demand. */
  readonly observed: Uint8Array;
  /** Position of day 0 in both arrays. */
  readonly offset: number;
  /** Day index of the first day on sale. */
  readonly first: number;
  /** Day index of the first forecast day. */
  readonly end: number;
  /** Weekday of day 0, Monday 0 … Sunday 6. */
  readonly weekdayOfDayZero: number;
}

/** The slice of one series of a panel, up to the panel's end. */
export function sliceOf(panel: Panel, observed: Uint8Array, series: number): SeriesSlice {
  return {
    values: panel.sales,
    observed,
    offset: series * panel.periodCount,
    first: Math.max(0, panel.firstPeriod[series]),
    end: panel.periodCount,
    weekdayOfDayZero: weekdayOf(panel.startPeriod),
  };
}

/** Mean of the observed days among the last `days`; 0 if there are none. */
export function recentMean(slice: SeriesSlice, days: number): number {
  let sum = 0;
  let count = 0;
  for (let d = Math.max(slice.first, slice.end - days); d < slice.end; d++) {
    if (slice.observed[slice.offset + d] === 0) continue;
    sum += slice.values[slice.offset + d];
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Greatest observed value; no simple model may forecast beyond it. */
export function largestValue(slice: SeriesSlice): number {
  let largest = 0;
  for (let d = slice.first; d < slice.end; d++) {
    const at = slice.offset + d;
    if (slice.observed[at] === 1 && slice.values[at] > largest) largest = slice.values[at];
  }
  return largest;
}
