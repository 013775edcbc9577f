import { classifyDemand } from '../intermittent/classify.ts';
import { sliceOf } from '../seasonal/slice.ts';
import type { Panel } from '../series/panel.ts';
import { CLASS_DAYS } from './members.ts';

/** Segments with weights of their own: the demand classes, and series too young for any of them. */
export const SEGMENTS = ['smooth', 'erratic', 'intermittent', 'lumpy', 'no_demand', 'cold_start'] as const;
/** Segments in which most days sell nothing. */
export const SPARSE_SEGMENTS: readonly string[] = ['intermittent', 'no_demand'];
export const COLD_START_SEGMENT = SEGMENTS.indexOf('cold_start');

/** Days on sale below which a series is a cold start, and below which its history counts as limited. */
export const COLD_START_DAYS = 28;
export const LIMITED_DAYS = 180;

/** Sufficiency per series as seen after the panel's last day: 0 full, 1 limited, 2 cold start. */
export function sufficiencyOf(panel: Panel, observed: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: panel.seriesCount }, (_, s) => {
    let days = 0;
    let units = 0;
    for (let i = s * panel.periodCount; i < (s + 1) * panel.periodCount; i++) {
      if (observed[i] === 0) continue;
      days++;
      units += panel.sales[i];
    }
    if (days < COLD_START_DAYS) return 2;
    return days < LIMITED_DAYS || units === 0 ? 1 : 0;
  });
}

/** Index into {@link SEGMENTS} per series. */
export function segmentOfSeries(panel: Panel, observed: Uint8Array, sufficiency: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: panel.seriesCount }, (_, s) =>
    sufficiency[s] === 2
      ? COLD_START_SEGMENT
      : SEGMENTS.indexOf(classifyDemand(sliceOf(panel, observed, s), CLASS_DAYS).demandClass),
  );
}
