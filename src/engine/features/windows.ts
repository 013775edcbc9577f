import type { SeriesHistory } from './history.ts';
import type { RowSpan } from './row-span.ts';

export type { Feature } from './spec.ts';

const { ceil, max, min, sqrt } = Math;

/** The latest period before `origin` that lies a whole number of `step` periods before `target`. */
export function latestBefore(origin: number, target: number, step: number): number {
  return target < origin + step ? target - step : target - step * ceil((target - origin + 1) / step);
}

/** Units on the latest visible period whole steps before the target. */
export function fillLag(
  { units }: SeriesHistory,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  step: number,
) {
  for (let row = from; row < to; row++) {
    const t = latestBefore(origin[row], target[row], step);
    out[row] = t >= 0 ? units[t] : NaN;
  }
}

/** Difference of one running sum over the window before the origin divided by that of another. */
export function fillRatioOfSums(
  above: Float64Array,
  below: Float64Array,
  { origin, from, to }: RowSpan,
  out: Float32Array,
  window: number,
) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    const start = end > window ? end - window : 0;
    const divisor = below[end] - below[start];
    out[row] = divisor > 0 ? (above[end] - above[start]) / divisor : NaN;
  }
}

/** Difference of a running sum over the window before the origin divided by the periods of the window. */
export function fillMeanOfWindow(sum: Float64Array, { origin, from, to }: RowSpan, out: Float32Array, window: number) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    const start = end > window ? end - window : 0;
    out[row] = end > start ? (sum[end] - sum[start]) / (end - start) : NaN;
  }
}

/** Standard deviation of the observed periods of the window before the origin. */
export function fillStd(
  { sum, squares, count }: SeriesHistory,
  { origin, from, to }: RowSpan,
  out: Float32Array,
  window: number,
) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    const start = end > window ? end - window : 0;
    const n = count[end] - count[start];
    const mean = (sum[end] - sum[start]) / n;
    const variance = (squares[end] - squares[start]) / n - mean * mean;
    out[row] = n > 0 ? sqrt(variance > 0 ? variance : 0) : NaN;
  }
}

/** Least units of the window before the origin. */
export function fillMin({ units }: SeriesHistory, { origin, from, to }: RowSpan, out: Float32Array, window: number) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    let best = Infinity;
    for (let t = end > window ? end - window : 0; t < end; t++) if (units[t] < best) best = units[t];
    out[row] = best < Infinity ? best : NaN;
  }
}

/** Greatest units of the window before the origin. */
export function fillMax({ units }: SeriesHistory, { origin, from, to }: RowSpan, out: Float32Array, window: number) {
  for (let row = from; row < to; row++) {
    const end = origin[row];
    let best = -1;
    for (let t = end > window ? end - window : 0; t < end; t++) if (units[t] > best) best = units[t];
    out[row] = best >= 0 ? best : NaN;
  }
}

/** What an array tells about the periods before the origin. */
export function fillAtOrigin(values: Float64Array, { origin, from, to }: RowSpan, out: Float32Array) {
  for (let row = from; row < to; row++) out[row] = values[origin[row]];
}

/** Mean of the observed ones of the last visible periods whole seasons before the target. */
export function fillSeasonMean(
  { units }: SeriesHistory,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  season: number,
  repeats: number,
) {
  for (let row = from; row < to; row++) {
    const latest = latestBefore(origin[row], target[row], season);
    const last = latest - season * (repeats - 1);
    const stop = last > 0 ? last : 0;
    let total = 0;
    let seen = 0;
    for (let t = latest; t >= stop; t -= season) {
      const value = units[t];
      if (value >= 0) {
        total += value;
        seen++;
      }
    }
    out[row] = seen > 0 ? total / seen : NaN;
  }
}

/** Mean of the visible part of the `2 * half + 1` periods around the target's time whole years ago. */
export function fillYearAgo(
  { sum, count }: SeriesHistory,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
  year: number,
  half: number,
) {
  for (let row = from; row < to; row++) {
    const centre = latestBefore(origin[row], target[row], year);
    const start = max(0, centre - half);
    const end = min(centre + half + 1, origin[row]);
    const seen = end > start ? count[end] - count[start] : 0;
    out[row] = seen > 0 ? (sum[end] - sum[start]) / seen : NaN;
  }
}

/** The same relative to the mean of the `window` periods before the origin so many years ago. */
export function fillSeasonRatio(
  history: SeriesHistory,
  rows: RowSpan,
  out: Float32Array,
  year: number,
  window: number,
) {
  const { sum, count } = history;
  fillYearAgo(history, rows, out, year, window >> 1);
  for (let row = rows.from; row < rows.to; row++) {
    const origin = rows.origin[row];
    const back = rows.target[row] - latestBefore(origin, rows.target[row], year);
    const end = max(0, origin - back);
    const start = max(0, end - window);
    const units = sum[end] - sum[start];
    out[row] = units > 0 ? (out[row] * (count[end] - count[start])) / units : NaN;
  }
}
