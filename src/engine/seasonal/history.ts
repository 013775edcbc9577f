const { abs, max, min, round, sqrt } = Math;

/**
 * One series as a local model sees it: the periods `first`..`end - 1` of arrays that may hold other series too. Any
 * frequency; a season of length m means that periods m apart resemble each other. `SeriesSlice` is one.
 */
export interface LocalSeries {
  readonly values: ArrayLike<number>;
  /** 1 where the value tells the demand. */
  readonly observed: ArrayLike<number>;
  /** Position of period 0 in both arrays. */
  readonly offset: number;
  readonly first: number;
  /** Index of the first period to forecast. */
  readonly end: number;
}

/** Local models that ran out of history answer with one of these instead of themselves. */
export const SIMPLE_METHODS = ['no_demand', 'constant', 'recent_mean'] as const;
export type SimpleMethod = (typeof SIMPLE_METHODS)[number];

/** No local model forecasts more than so many times the greatest value observed in the history it used. */
export const CAP_FACTOR = 2;
/** Values beyond are no demand (and would overflow squared sums): they count as not observed. */
const LARGEST_DEMAND = 1e15;
/** Periods of the mean that stands in for a model. */
const RECENT_PERIODS = 28;
/** Share of observed periods below which only the mean is taken. */
const FEWEST_OBSERVED_SHARE = 0.1;

/** The end of a series, ready for fitting. */
export interface History {
  /** Demand of consecutive periods up to the first forecast period; NaN = gap. The first entry is observed. */
  readonly demand: Float64Array;
  /** Observed periods. */
  readonly count: number;
  /** Mean, least and greatest of the observed values; 0 without any. */
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
  /** No forecast goes beyond. */
  readonly cap: number;
}

/**
 * Reads at most the last `longest` periods. A value counts as observed if flagged so and a number between 0 and 10¹⁵;
 * gaps at the head are cut off.
 */
export function historyOf(series: LocalSeries, longest: number): History {
  const { values, observed, offset, end } = series;
  const usable = (t: number) =>
    observed[offset + t] === 1 && values[offset + t] >= 0 && values[offset + t] <= LARGEST_DEMAND;
  let from = max(0, series.first, end - longest);
  while (from < end && !usable(from)) from++;
  const demand = new Float64Array(max(0, end - from));
  let count = 0;
  let sum = 0;
  let least = Infinity;
  let greatest = 0;
  for (let t = from; t < end; t++) {
    if (!usable(t)) {
      demand[t - from] = NaN;
      continue;
    }
    const value = values[offset + t];
    demand[t - from] = value;
    count++;
    sum += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (count === 0) least = 0;
  return { demand, count, mean: count > 0 ? sum / count : 0, least, greatest, cap: CAP_FACTOR * greatest };
}

/** Mean of the last observed values, at most `periods` of them; 0 without any. */
export function meanOfLast(history: History, periods = RECENT_PERIODS): number {
  const { demand } = history;
  let sum = 0;
  let count = 0;
  for (let t = demand.length - 1; t >= 0 && count < periods; t--) {
    if (demand[t] !== demand[t]) continue;
    sum += demand[t];
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Standard deviation of the observed values around a level; one value alone is taken to be as uncertain as it is large. */
export function spreadAround(history: History, level: number): number {
  let squares = 0;
  for (const value of history.demand) if (value === value) squares += (value - level) * (value - level);
  return history.count > 1 ? sqrt(squares / (history.count - 1)) : level;
}

/**
 * The stated simpler model of a history that no model can be fitted to: zeros without demand, the constant of a
 * constant history, the mean of the last 28 values where fewer than `fewest` values, or less than a tenth of the
 * periods, are observed. Null: the history will do.
 * @param sd receives the standard deviation of the forecast, if given
 */
export function forecastSimply(
  history: History,
  fewest: number,
  horizon: number,
  out: Float32Array,
  at: number,
  sd?: Float32Array,
): SimpleMethod | null {
  const { count, least, greatest, demand } = history;
  const answer = (method: SimpleMethod, level: number, spread: number) => {
    out.fill(level, at, at + horizon);
    sd?.fill(spread, at, at + horizon);
    return method;
  };
  if (greatest === 0) return answer('no_demand', 0, 0);
  if (count >= fewest && least === greatest) return answer('constant', greatest, 0);
  if (count >= fewest && count >= FEWEST_OBSERVED_SHARE * demand.length) return null;
  const level = meanOfLast(history);
  return answer('recent_mean', level, spreadAround(history, level));
}

/**
 * Writes a forecast, kept between 0 and the history's cap. What is not a number (an overflow) becomes the mean of the
 * last values.
 */
export function writeBounded(history: History, raw: ArrayLike<number>, out: Float32Array, at: number): void {
  for (let h = 0; h < raw.length; h++) {
    const value = raw[h];
    out[at + h] = value === value ? min(history.cap, max(0, value)) : meanOfLast(history);
  }
}

/** Writes standard deviations, kept between 0 and the history's cap. */
export function writeSpread(history: History, raw: ArrayLike<number>, sd: Float32Array, at: number): void {
  for (let h = 0; h < raw.length; h++) sd[at + h] = raw[h] === raw[h] ? min(history.cap, abs(raw[h])) : history.cap;
}

/** The longest season of which the history holds `cycles` whole cycles; 1 if there is none. */
export function fittingSeason(seasons: readonly number[], history: History, cycles: number): number {
  let fitting = 1;
  for (const season of seasons) {
    const length = round(season);
    if (length > fitting && history.demand.length >= cycles * length && history.count >= cycles * length * 0.5)
      fitting = length;
  }
  return fitting;
}
