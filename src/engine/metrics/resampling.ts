import { createRng } from '../rng.ts';

/** An estimate with its 95 % interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;
const SEED = 20_230_917;

/** A quantile of sorted values, linear between neighbours. */
function quantileOf(sorted: Float64Array, level: number): number {
  const at = level * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

function intervalOf(drawn: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = Float64Array.from(drawn).sort();
  return { low: quantileOf(sorted, 0.025), high: quantileOf(sorted, 0.975) };
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/**
 * A ratio of sums over clusters, such as absolute errors over sales, with its percentile bootstrap interval (Efron and
 * Tibshirani 1993, chapter 13): whole clusters are drawn, for the days of a product resemble each other. Drawn with a fixed
 * seed, so that the same sums give the same interval.
 * @returns null where the denominators add up to nothing
 */
export function ratioWithInterval(numerators: ArrayLike<number>, denominators: ArrayLike<number>): Estimate | null {
  const count = numerators.length;
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
  return { value: sum(numerators) / whole, ...intervalOf(drawn) };
}

/**
 * The same where the sums belong to a cluster and to a round, such as a product and an origin: what a round brings, its
 * season and the luck of its fit, is shared by all clusters. Both are drawn by themselves (Owen 2007, the pigeonhole
 * bootstrap), one fewer than there are, so that a handful of rounds does not look surer than it is (Rao and Wu 1988).
 * @param numerators `[clusters * rounds]`, as the denominators
 * @returns null where the denominators add up to nothing
 */
export function crossedRatioWithInterval(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  rounds: number,
): Estimate | null {
  const clusters = numerators.length / rounds;
  const whole = sum(denominators);
  if (!(whole > 0)) return null;
  const rng = createRng(SEED);
  const drawn: number[] = [];
  const ofCluster = new Uint32Array(clusters);
  const ofRound = new Uint32Array(rounds);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    drawTimes(rng, ofCluster);
    drawTimes(rng, ofRound);
    let top = 0;
    let bottom = 0;
    for (let c = 0; c < clusters; c++) {
      if (ofCluster[c] === 0) continue;
      for (let r = 0; r < rounds; r++) {
        const times = ofCluster[c] * ofRound[r];
        top += times * numerators[c * rounds + r];
        bottom += times * denominators[c * rounds + r];
      }
    }
    if (bottom > 0) drawn.push(top / bottom);
  }
  return { value: sum(numerators) / whole, ...intervalOf(drawn) };
}

/** How often each is drawn, one draw fewer than there are; a single one is always drawn. */
function drawTimes(rng: () => number, times: Uint32Array): void {
  times.fill(0);
  for (let draw = 0; draw < Math.max(1, times.length - 1); draw++) times[Math.floor(rng() * times.length)]++;
}
