import { normalQuantile } from '../replenishment/normal.ts';
import type { Frequency } from '../series/frequency.ts';

/** How the everyday variation of a total is read off its history; all lengths in periods. */
export interface SpreadWindow {
  /** A period is compared with periods whole seasons before it, */
  readonly season: number;
  /** so many of them, */
  readonly repeats: number;
  /** for each of the last so many periods. */
  readonly length: number;
}

/** Windows that span about a year, or the years there usually are. */
export const SPREAD_WINDOWS: Readonly<Record<Frequency, SpreadWindow>> = {
  hourly: { season: 168, repeats: 8, length: 2016 },
  daily: { season: 7, repeats: 8, length: 364 },
  weekly: { season: 1, repeats: 8, length: 104 },
  monthly: { season: 1, repeats: 6, length: 36 },
};

/** Past forecasts of the totals of one level and what came, made without knowing it. */
export interface AggregateFold {
  /** Summed means, `[nodes * horizon]`. */
  readonly mean: ArrayLike<number>;
  /** Totals of the same shape; NaN where unknown. */
  readonly actual: ArrayLike<number>;
  /** Everyday variation of each node at the fold's origin, from {@link nodeSpread}. */
  readonly spread: ArrayLike<number>;
}

/** Fewest ratios a node's own spread is taken from. */
const FEWEST_RATIOS = 14;
/** Spread of a level of which nothing is known: two thirds of the periods within a factor of e^±0.5. */
const UNKNOWN_SPREAD = 0.5;
const LEAST_SPREAD = 0.01;
/** Closed days and the like: distances beyond so many robust standard deviations count as this far. */
const CLIP = 2;
/** Factor where there is no fold: a year-long window already holds most of what goes wrong. */
const DEFAULT_FACTOR = 1;

/**
 * Everyday variation of each total: standard deviation of log(y / mean of the same season's last periods). Periods
 * without a sale are left out and extreme ones clipped (a closed day says nothing about the others); nodes with too
 * short a history take the median of their level.
 * @param totals `[nodes * length]`, the periods before the origin
 */
export function nodeSpread(totals: ArrayLike<number>, length: number, window: SpreadWindow): Float64Array {
  const { season, repeats } = window;
  const nodes = totals.length / length;
  const own = new Float64Array(nodes).fill(NaN);
  for (let node = 0; node < nodes; node++) {
    const at = node * length;
    const ratios: number[] = [];
    for (let t = Math.max(season * repeats, length - window.length); t < length; t++) {
      let before = 0;
      for (let k = 1; k <= repeats; k++) before += totals[at + t - k * season];
      if (totals[at + t] > 0 && before > 0) ratios.push(Math.log((totals[at + t] * repeats) / before));
    }
    if (ratios.length >= FEWEST_RATIOS) own[node] = Math.max(LEAST_SPREAD, clippedDeviation(ratios));
  }
  const known = own.filter((value) => !Number.isNaN(value)).sort();
  const typical = known.length > 0 ? known[known.length >> 1] : UNKNOWN_SPREAD;
  return own.map((value) => (Number.isNaN(value) ? typical : value));
}

/**
 * Factor of one level by which its forecasts err more or less than the everyday variation: clipped root mean
 * square of log(actual / mean) over the node's spread, from backtest folds. 1 without any.
 */
export function fitAggregateSpread(folds: readonly AggregateFold[]): number {
  const scores: number[] = [];
  for (const { mean, actual, spread } of folds) {
    const horizon = mean.length / spread.length;
    for (let i = 0; i < mean.length; i++)
      if (actual[i] > 0 && mean[i] > 0) scores.push(Math.log(actual[i] / mean[i]) / spread[Math.floor(i / horizon)]);
  }
  if (scores.length === 0) return DEFAULT_FACTOR;
  const limit = CLIP * medianSize(scores);
  const sum = scores.reduce((total, score) => total + Math.min(limit, Math.abs(score)) ** 2, 0);
  return Math.sqrt(sum / scores.length);
}

/** Standard deviation around the median of values clipped where a normal distribution would hardly reach. */
function clippedDeviation(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted[sorted.length >> 1];
  const distances = values.map((value) => Math.abs(value - middle));
  const limit = CLIP * medianSize(distances);
  return Math.sqrt(distances.reduce((sum, distance) => sum + Math.min(limit, distance) ** 2, 0) / values.length);
}

/** Standard deviation a normal distribution would have with the median size of these values. */
function medianSize(values: readonly number[]): number {
  const sorted = Float64Array.from(values, Math.abs).sort();
  return sorted[sorted.length >> 1] * 1.4826;
}

/**
 * Quantiles of totals, lognormal around their mean: cheap where no sample paths are wanted. Never the sum of the
 * variances of the parts, which takes their errors for independent and comes out several times too narrow.
 * @param mean `[nodes * horizon]`
 * @param spread per node, see {@link nodeSpread}
 * @param factor of the level, see {@link fitAggregateSpread}
 * @returns one array per level of probability, like `mean`
 */
export function aggregateQuantiles(
  mean: ArrayLike<number>,
  spread: ArrayLike<number>,
  factor: number,
  levels: readonly number[],
): Float32Array[] {
  const horizon = mean.length / spread.length;
  return levels.map((level) => {
    const z = normalQuantile(level);
    return Float32Array.from(mean, (value, i) => {
      const sd = spread[Math.floor(i / horizon)] * factor;
      return value > 0 ? value * Math.exp(z * sd - (sd * sd) / 2) : 0;
    });
  });
}
