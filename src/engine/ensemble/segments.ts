import { classifyDemand } from '../intermittent/classify.ts';
import { sliceOf } from '../seasonal/slice.ts';
import { TRAITS, type Frequency } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';

/** Segments with weights of their own: the demand classes, and series too young for any of them. */
export const SEGMENTS = ['smooth', 'erratic', 'intermittent', 'lumpy', 'no_demand', 'cold_start'] as const;
/** Segments in which most days sell nothing. */
export const SPARSE_SEGMENTS: readonly string[] = ['intermittent', 'no_demand'];
export const COLD_START_SEGMENT = SEGMENTS.indexOf('cold_start');

/** Periods on sale below which a series is a cold start, and below which its history counts as limited. */
const PERIODS_OF_HISTORY: Readonly<Record<Frequency, { readonly coldStart: number; readonly limited: number }>> = {
  hourly: { coldStart: 72, limited: 504 },
  daily: { coldStart: 28, limited: 180 },
  weekly: { coldStart: 6, limited: 40 },
  monthly: { coldStart: 3, limited: 15 },
};
/** The same for daily data. */
export const COLD_START_DAYS = PERIODS_OF_HISTORY.daily.coldStart;
export const LIMITED_DAYS = PERIODS_OF_HISTORY.daily.limited;

/** Sufficiency per series as seen after the panel's last period: 0 full, 1 limited, 2 cold start. */
export function sufficiencyOf(panel: Panel, observed: Uint8Array): Uint8Array {
  const { coldStart, limited } = PERIODS_OF_HISTORY[panel.frequency ?? 'daily'];
  return Uint8Array.from({ length: panel.seriesCount }, (_, s) => {
    let periods = 0;
    let units = 0;
    for (let i = s * panel.periodCount; i < (s + 1) * panel.periodCount; i++) {
      if (observed[i] === 0) continue;
      periods++;
      units += panel.sales[i];
    }
    if (periods < coldStart) return 2;
    return periods < limited || units === 0 ? 1 : 0;
  });
}

/** Periods on which demand classes are judged: a year, at least a dozen periods. */
export function classPeriods(frequency: Frequency): number {
  return frequency === 'daily' ? 365 : Math.max(12, TRAITS[frequency].year);
}

/** Index into {@link SEGMENTS} per series. */
export function segmentOfSeries(panel: Panel, observed: Uint8Array, sufficiency: Uint8Array): Uint8Array {
  const periods = classPeriods(panel.frequency ?? 'daily');
  return Uint8Array.from({ length: panel.seriesCount }, (_, s) =>
    sufficiency[s] === 2
      ? COLD_START_SEGMENT
      : SEGMENTS.indexOf(classifyDemand(sliceOf(panel, observed, s), periods).demandClass),
  );
}
