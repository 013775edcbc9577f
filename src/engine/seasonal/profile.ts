import { weekdayOf } from '../series/days.ts';
import { totalGroups, type SeriesGroups } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';
import type { SeriesSlice } from './slice.ts';

/** Days from which weekday profiles are taken. */
const PROFILE_DAYS = 182;
/** Series-days of one weekday at which a group's own profile counts as much as its location's. */
const PRIOR_COUNT = 40;

/**
 * Weekday profiles pooled over groups of series: entry `g * 7 + w` is the mean of weekday `w` (Monday 0) relative to
 * the group's mean day, averaging 1. Small groups lean on the profile of all series together.
 */
export function pooledWeekdayProfiles(panel: Panel, observed: Uint8Array, groups: SeriesGroups): Float64Array {
  const everything = { count: 1, groupOf: new Int32Array(panel.seriesCount) };
  const overall = rawProfiles(panel, observed, everything);
  const own = rawProfiles(panel, observed, groups);
  const flat = { profile: new Float64Array(7).fill(1), count: new Float64Array(7) };
  const root = blend(overall.profile, overall.count, flat.profile, 0);
  const profiles = new Float64Array(groups.count * 7);
  for (let g = 0; g < groups.count; g++) {
    const profile = own.profile.subarray(g * 7, g * 7 + 7);
    profiles.set(blend(profile, own.count.subarray(g * 7, g * 7 + 7), root, PRIOR_COUNT), g * 7);
  }
  return profiles;
}

function blend(own: Float64Array, counts: Float64Array, prior: Float64Array, strength: number): Float64Array {
  const mixed = new Float64Array(7);
  let sum = 0;
  for (let w = 0; w < 7; w++) {
    const weight = counts[w] > 0 ? counts[w] / (counts[w] + strength) : 0;
    mixed[w] = weight * own[w] + (1 - weight) * prior[w];
    sum += mixed[w];
  }
  for (let w = 0; w < 7; w++) mixed[w] = sum > 0 ? (mixed[w] * 7) / sum : 1;
  return mixed;
}

function rawProfiles(panel: Panel, observed: Uint8Array, groups: SeriesGroups) {
  const totals = totalGroups(panel, observed, groups);
  const { periodCount } = panel;
  const stride = periodCount + 1;
  const profile = new Float64Array(groups.count * 7);
  const count = new Float64Array(groups.count * 7);
  for (let g = 0; g < groups.count; g++) {
    const units = new Float64Array(7);
    for (let d = Math.max(0, periodCount - PROFILE_DAYS); d < periodCount; d++) {
      const w = weekdayOf(panel.startPeriod + d);
      units[w] += totals.daily[g * periodCount + d];
      count[g * 7 + w] += totals.countBefore[g * stride + d + 1] - totals.countBefore[g * stride + d];
    }
    let sum = 0;
    let seen = 0;
    for (let w = 0; w < 7; w++) {
      profile[g * 7 + w] = count[g * 7 + w] > 0 ? units[w] / count[g * 7 + w] : 0;
      sum += profile[g * 7 + w];
      if (count[g * 7 + w] > 0) seen++;
    }
    for (let w = 0; w < 7; w++) profile[g * 7 + w] = sum > 0 ? (profile[g * 7 + w] * seen) / sum : 1;
  }
  return { profile, count };
}

/**
 * Exponentially weighted level of the sales divided by their weekday's profile, times the profile of each day ahead.
 * Starts from the mean of the first four weeks, so that one early sale does not linger.
 * @param profile seven factors, Monday first
 */
export function forecastSmoothedLevel(
  slice: SeriesSlice,
  alpha: number,
  profile: ArrayLike<number>,
  horizon: number,
  out: Float32Array,
  at: number,
): void {
  let units = 0;
  let expected = 0;
  const startEnd = Math.min(slice.end, slice.first + 28);
  for (let d = slice.first; d < startEnd; d++) {
    if (slice.observed[slice.offset + d] === 0) continue;
    units += slice.values[slice.offset + d];
    expected += profile[(slice.weekdayOfDayZero + d) % 7];
  }
  let level = expected > 0 ? units / expected : 0;
  for (let d = startEnd; d < slice.end; d++) {
    if (slice.observed[slice.offset + d] === 0) continue;
    const factor = profile[(slice.weekdayOfDayZero + d) % 7];
    // The day's error in units, shared out by its factor: weekdays with next to no sales then move nothing.
    level = Math.max(0, level + alpha * factor * (slice.values[slice.offset + d] - level * factor));
  }
  for (let h = 0; h < horizon; h++) out[at + h] = level * profile[(slice.weekdayOfDayZero + slice.end + h) % 7];
}
