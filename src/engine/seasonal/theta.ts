import { largestValue, type SeriesSlice } from './slice.ts';

/** Smoothing constants tried; the one with the least squared one-step error is taken. */
const ALPHAS = [0.02, 0.05, 0.1, 0.2, 0.4];
/** Days of history the trend is drawn through, and the fewest for a trend at all. */
const TREND_DAYS = 365;
const FEWEST_DAYS = 28;
/** The drift fades by this factor a day: a line drawn on for a year is no forecast of demand. */
const DAMPING = 0.97;

/**
 * Theta method (Assimakopoulos & Nikolopoulos 2000, as simple exponential smoothing with half the slope of the linear
 * trend; Hyndman & Billah 2003), on sales adjusted by a weekday profile and with a damped drift. Shorter than four
 * weeks: no drift. Values stay between 0 and the greatest sale seen.
 */
export function forecastTheta(
  slice: SeriesSlice,
  profile: ArrayLike<number>,
  horizon: number,
  out: Float32Array,
  at: number,
): void {
  const from = Math.max(slice.first, slice.end - TREND_DAYS);
  const adjusted: number[] = [];
  const times: number[] = [];
  for (let d = from; d < slice.end; d++) {
    const factor = profile[(slice.weekdayOfDayZero + d) % 7];
    if (slice.observed[slice.offset + d] === 0 || factor < 0.05) continue;
    adjusted.push(slice.values[slice.offset + d] / factor);
    times.push(d - from);
  }
  const cap = largestValue(slice);
  const level = smooth(adjusted);
  const drift = adjusted.length >= FEWEST_DAYS ? slope(times, adjusted) / 2 : 0;
  let lift = 0;
  let step = drift;
  for (let h = 0; h < horizon; h++) {
    step *= DAMPING;
    lift += step;
    const factor = profile[(slice.weekdayOfDayZero + slice.end + h) % 7];
    out[at + h] = Math.min(cap, Math.max(0, (level + lift) * factor));
  }
}

function smooth(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const head = Math.min(values.length, FEWEST_DAYS);
  let start = 0;
  for (let i = 0; i < head; i++) start += values[i] / head;
  let best = start;
  let bestError = Infinity;
  for (const alpha of ALPHAS) {
    let level = start;
    let error = 0;
    for (let i = head; i < values.length; i++) {
      const miss = values[i] - level;
      error += miss * miss;
      level += alpha * miss;
    }
    if (error < bestError) {
      bestError = error;
      best = level;
    }
  }
  return best;
}

function slope(times: readonly number[], values: readonly number[]): number {
  const n = times.length;
  let meanTime = 0;
  let meanValue = 0;
  for (let i = 0; i < n; i++) {
    meanTime += times[i] / n;
    meanValue += values[i] / n;
  }
  let above = 0;
  let below = 0;
  for (let i = 0; i < n; i++) {
    above += (times[i] - meanTime) * (values[i] - meanValue);
    below += (times[i] - meanTime) ** 2;
  }
  return below > 0 ? above / below : 0;
}
