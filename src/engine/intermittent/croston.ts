import type { LocalSeries } from '../seasonal/history.ts';

/** Smoothing constants of the intermittent models. */
export interface IntermittentSmoothing {
  /** Of the demand size, 0..1. */
  readonly size: number;
  /** Of the interval (Croston, SBA) or the demand probability (TSB), 0..1. */
  readonly interval: number;
}

export const DEFAULT_SMOOTHING: IntermittentSmoothing = { size: 0.1, interval: 0.05 };

/**
 * Croston's method (1972): expected units a day as smoothed demand size over smoothed interval between demands, both
 * updated at demands only. 0 for a series without a sale.
 */
export function crostonRate(series: LocalSeries, smoothing: IntermittentSmoothing = DEFAULT_SMOOTHING): number {
  let size = 0;
  let interval = 0;
  let since = 1;
  for (let d = series.first; d < series.end; d++) {
    const at = series.offset + d;
    if (series.observed[at] === 0) continue;
    const value = series.values[at];
    if (!(value > 0)) {
      since++;
      continue;
    }
    if (interval === 0) {
      size = value;
      interval = since;
    } else {
      size += smoothing.size * (value - size);
      interval += smoothing.interval * (since - interval);
    }
    since = 1;
  }
  return interval > 0 ? size / interval : 0;
}

/** Croston's rate with the bias correction of Syntetos & Boylan (2005): times 1 − α/2, α that of the interval. */
export function sbaRate(series: LocalSeries, smoothing: IntermittentSmoothing = DEFAULT_SMOOTHING): number {
  return crostonRate(series, smoothing) * (1 - smoothing.interval / 2);
}

/**
 * TSB (Teunter, Syntetos & Babai 2011): demand probability, updated every day, times demand size, updated at demands.
 * Unlike Croston it sinks while nothing sells, so it suits products that fade out.
 */
export function tsbRate(series: LocalSeries, smoothing: IntermittentSmoothing = DEFAULT_SMOOTHING): number {
  let periods = 0;
  let sales = 0;
  let sum = 0;
  const startEnd = Math.min(series.end, series.first + 56);
  for (let d = series.first; d < startEnd; d++) {
    if (series.observed[series.offset + d] === 0) continue;
    periods++;
    if (series.values[series.offset + d] > 0) {
      sales++;
      sum += series.values[series.offset + d];
    }
  }
  let probability = periods > 0 ? sales / periods : 0;
  let size = sales > 0 ? sum / sales : 0;
  for (let d = startEnd; d < series.end; d++) {
    const at = series.offset + d;
    if (series.observed[at] === 0) continue;
    const value = series.values[at];
    const sold = value > 0;
    probability += smoothing.interval * ((sold ? 1 : 0) - probability);
    if (sold) size = size === 0 ? value : size + smoothing.size * (value - size);
  }
  return probability * size;
}
