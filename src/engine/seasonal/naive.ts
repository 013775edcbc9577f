import { recentMean, type SeriesSlice } from './slice.ts';

/** Length of the week, the season of daily retail sales. */
export const WEEK = 7;

/** Weeks looked back for an observed day before a simpler value is taken. */
const WEEKS_TO_SEARCH = 8;

/**
 * Seasonal naive: the last seven days repeated. Where such a day was not observed (out of stock), the latest observed
 * day of the same weekday within eight weeks stands in, else the mean of the last 28 days.
 * @param out receives `horizon` values from `at` on
 */
export function forecastSeasonalNaive(slice: SeriesSlice, horizon: number, out: Float32Array, at: number): void {
  const fallback = recentMean(slice, 28);
  for (let h = 0; h < horizon; h++) {
    let day = slice.end - WEEK + (h % WEEK);
    let value = fallback;
    for (let w = 0; w < WEEKS_TO_SEARCH && day >= slice.first; w++, day -= WEEK) {
      if (slice.observed[slice.offset + day] === 0) continue;
      value = slice.values[slice.offset + day];
      break;
    }
    out[at + h] = value;
  }
}

/** Mean of the observed days with the same weekday in the last `weeks` weeks, else the mean of the last 28 days. */
export function forecastWeekdayMean(
  slice: SeriesSlice,
  weeks: number,
  horizon: number,
  out: Float32Array,
  at: number,
): void {
  const fallback = recentMean(slice, 28);
  for (let h = 0; h < Math.min(horizon, WEEK); h++) {
    let sum = 0;
    let count = 0;
    for (let w = 1; w <= weeks; w++) {
      const day = slice.end - WEEK * w + h;
      if (day < slice.first || slice.observed[slice.offset + day] === 0) continue;
      sum += slice.values[slice.offset + day];
      count++;
    }
    out[at + h] = count > 0 ? sum / count : fallback;
  }
  for (let h = WEEK; h < horizon; h++) out[at + h] = out[at + h - WEEK];
}
