import {
  fittingSeason,
  forecastSimply,
  historyOf,
  writeBounded,
  type LocalSeries,
  type SimpleMethod,
} from './history.ts';

/** Periods of history the reference models look at. */
const LONGEST = 1100;
/** Same-season values averaged by the season mean, for seasons up to and beyond 24 periods. */
const REPETITIONS_SHORT = 8;
const REPETITIONS_LONG = 3;
const LONGEST_SHORT_SEASON = 24;

/** The last observed value, drawn on. */
export function forecastNaive(
  series: LocalSeries,
  _seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
): 'naive' | SimpleMethod {
  const history = historyOf(series, LONGEST);
  const simple = forecastSimply(history, 1, horizon, out, at);
  if (simple) return simple;
  const { demand } = history;
  let last = demand.length - 1;
  while (demand[last] !== demand[last]) last--;
  writeBounded(history, new Float64Array(horizon).fill(demand[last]), out, at);
  return 'naive';
}

/** The line from the first to the last observed value, drawn on from the last. Needs ten values. */
export function forecastDrift(
  series: LocalSeries,
  _seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
): 'drift' | SimpleMethod {
  const history = historyOf(series, LONGEST);
  const simple = forecastSimply(history, 10, horizon, out, at);
  if (simple) return simple;
  const { demand } = history;
  let last = demand.length - 1;
  while (demand[last] !== demand[last]) last--;
  const slope = (demand[last] - demand[0]) / last;
  const behind = demand.length - 1 - last;
  writeBounded(
    history,
    Float64Array.from({ length: horizon }, (_, h) => demand[last] + slope * (behind + h + 1)),
    out,
    at,
  );
  return 'drift';
}

/**
 * The latest observed value one or more whole seasons before each period. A phase never observed takes the mean of the
 * last 28 values; less than one season of history: the naive forecast.
 */
export function forecastSeasonalNaiveOf(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
): 'seasonal_naive' | 'naive' | SimpleMethod {
  return repeatSeason(series, seasons, horizon, out, at, 1, 'seasonal_naive');
}

/** Options of {@link forecastSeasonMean}. */
export interface SeasonMeanOptions {
  /** How many of the latest same-season values are averaged; 8, or 3 for seasons beyond 24 periods. */
  readonly repetitions?: number;
}

/** The mean of the latest observed values whole seasons before each period; see {@link forecastSeasonalNaiveOf}. */
export function forecastSeasonMean(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: SeasonMeanOptions = {},
): 'season_mean' | 'naive' | SimpleMethod {
  return repeatSeason(series, seasons, horizon, out, at, options.repetitions ?? null, 'season_mean');
}

function repeatSeason<Method extends string>(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  repetitions: number | null,
  method: Method,
): Method | 'naive' | SimpleMethod {
  const history = historyOf(series, LONGEST);
  const simple = forecastSimply(history, 1, horizon, out, at);
  if (simple) return simple;
  const season = fittingSeason(seasons, history, 1);
  if (season === 1 && !seasons.includes(1)) return forecastNaive(series, seasons, horizon, out, at);
  const wanted = repetitions ?? (season <= LONGEST_SHORT_SEASON ? REPETITIONS_SHORT : REPETITIONS_LONG);
  const { demand, mean } = history;
  const raw = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    if (h >= season) {
      raw[h] = raw[h - season];
      continue;
    }
    let sum = 0;
    let count = 0;
    for (let t = demand.length + h - season; t >= 0 && count < wanted; t -= season) {
      if (demand[t] !== demand[t]) continue;
      sum += demand[t];
      count++;
    }
    raw[h] = count > 0 ? sum / count : mean;
  }
  writeBounded(history, raw, out, at);
  return method;
}
