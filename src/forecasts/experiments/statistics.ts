import { createRng } from '../../engine/index.ts';

/** An estimate with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;
const FLIPS = 9_999;
/** Up to so many clusters every way of swapping them is tried: 65,536 of them. */
const MOST_EXACT = 16;
const SEED = 20_230_917;

/** A quantile of sorted values, linear between neighbours. */
function quantileOf(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/**
 * A ratio of sums over clusters, such as absolute errors over sales, with its percentile bootstrap interval (Efron and
 * Tibshirani 1993, chapter 13): whole clusters are drawn, for the days of a product resemble each other. Drawn with a fixed
 * seed, so that the same sums give the same interval.
 * @returns null where the denominators add up to nothing
 */
export function ratioWithInterval(numerators: ArrayLike<number>, denominators: ArrayLike<number>): Estimate | null {
  const count = numerators.length;
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  const whole = sum(denominators);
  if (!(whole > 0)) return null;
  const rng = createRng(SEED);
  const drawn: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let top = 0;
    let bottom = 0;
    for (let i = 0; i < count; i++) {
      const cluster = Math.floor(rng() * count);
      top += numerators[cluster];
      bottom += denominators[cluster];
    }
    if (bottom > 0) drawn.push(top / bottom);
  }
  const sorted = Float64Array.from(drawn).sort();
  return { value: sum(numerators) / whole, low: quantileOf(sorted, 0.025), high: quantileOf(sorted, 0.975) };
}

/**
 * Two-sided p-value of paired differences being as likely one way as the other: the sign-flip randomisation test of their
 * sum (Fisher; Good 2005, chapter 3.2). All flips of few clusters, 9,999 drawn with a fixed seed of many.
 */
export function pairedPValue(differences: ArrayLike<number>): number {
  const values = Array.from(differences).filter((difference) => difference !== 0);
  if (values.length === 0) return 1;
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  // What differs by rounding alone is as extreme.
  const extreme = observed - 1e-9 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  if (values.length <= MOST_EXACT) {
    const flips = 2 ** values.length;
    let asExtreme = 0;
    for (let flip = 0; flip < flips; flip++) {
      const sum = values.reduce((total, value, i) => total + ((flip >> i) & 1 ? -value : value), 0);
      if (Math.abs(sum) >= extreme) asExtreme++;
    }
    return asExtreme / flips;
  }
  const rng = createRng(SEED);
  let asExtreme = 1;
  for (let flip = 0; flip < FLIPS; flip++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += rng() < 0.5 ? -values[i] : values[i];
    if (Math.abs(sum) >= extreme) asExtreme++;
  }
  return asExtreme / (FLIPS + 1);
}
