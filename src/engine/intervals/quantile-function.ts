import { InvalidInputError } from '../errors.ts';
import { normalScore } from './normal-scores.ts';

const { max, min, exp, log } = Math;

/** Exponents that may bend the quantile function between two levels, from jumping at once to jumping late. */
const BENDS: readonly number[] = Array.from({ length: 33 }, (_, k) => 2 ** ((k - 16) / 4));
/** The upper tail is at most so many times as heavy as the outermost two quantiles suggest. */
const HEAVIEST_TAIL = 4;

/** Reads demand at evenly spaced probabilities off a handful of quantiles; see {@link createQuantileGrid}. */
export interface QuantileGrid {
  /** Number of probabilities: (k + 0.5) / size. */
  readonly size: number;
  /**
   * Writes the ascending values of one distribution.
   * @param quantiles one array per level
   * @param at position of the distribution in these arrays
   * @param mean expected value, units
   */
  readonly fill: (quantiles: readonly ArrayLike<number>[], at: number, mean: number, out: Float64Array) => void;
}

/**
 * Prepares the reading of non-negative quantile functions known at a few levels. The known quantiles are met exactly.
 * Between them the function runs along a power of the normal score, straight in the lowest tail and exponential in the
 * highest; power and tail are chosen such that the distribution has its given mean, if any choice does.
 * @param levels ascending, at least two, between 0 and 1
 * @throws InvalidInputError unless they are
 */
export function createQuantileGrid(levels: readonly number[], size: number): QuantileGrid {
  const count = levels.length;
  if (count < 2 || levels.some((level, k) => !(level > (levels[k - 1] ?? 0) && level < 1)))
    throw new InvalidInputError('Levels must be at least two and ascend between 0 and 1');
  const tailReach = log((1 - levels[count - 2]) / (1 - levels[count - 1]));
  const scores = levels.map(normalScore);
  // Segment of each probability: 0 below the first level, `count` above the last; and where in it.
  const segment = new Int32Array(size);
  const place = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const u = (k + 0.5) / size;
    let s = 0;
    while (s < count && u > levels[s]) s++;
    segment[k] = s;
    if (s === 0) place[k] = u / levels[0];
    else if (s === count) place[k] = log((1 - levels[count - 1]) / (1 - u));
    else place[k] = log((normalScore(u) - scores[s - 1]) / (scores[s] - scores[s - 1]));
  }
  const share = averages(segment, count + 1, () => 1);
  // How far the values of a segment have risen on average, times the segment's share: for straight lines, the tail's
  // logarithm, and each bend.
  const risen = BENDS.map((bend) => averages(segment, count + 1, (k) => exp(bend * place[k])));
  const straight = averages(segment, count + 1, (k) => place[k]);
  const value = new Float64Array(count);
  const step = new Float64Array(count);

  const fill: QuantileGrid['fill'] = (quantiles, at, mean, out) => {
    for (let q = 0; q < count; q++) value[q] = max(0, quantiles[q][at], q > 0 ? value[q - 1] : 0);
    const last = value[count - 1];
    const floor = max(0, 2 * value[0] - value[1]);
    let slope = (last - value[count - 2]) / tailReach;
    let missing = mean - share[0] * floor - straight[0] * (value[0] - floor) - share[count] * last;
    for (let q = 1; q < count; q++) {
      step[q] = value[q] - value[q - 1];
      missing -= share[q] * value[q - 1];
    }
    const rise = (bend: Float64Array) => {
      let sum = 0;
      for (let q = 1; q < count; q++) sum += step[q] * bend[q];
      return sum;
    };
    // The larger the bend, the less the values have risen: find the two that enclose what is missing.
    const wanted = missing - slope * straight[count];
    let low = 0;
    let high = BENDS.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (rise(risen[middle]) > wanted) low = middle;
      else high = middle;
    }
    const most = rise(risen[low]);
    const least = rise(risen[high]);
    const weight = most > least ? min(1, max(0, (most - wanted) / (most - least))) : 0;
    const bend = BENDS[low] + weight * (BENDS[high] - BENDS[low]);
    const left = wanted - (most + weight * (least - most));
    if (left > 0 && straight[count] > 0) slope = min(HEAVIEST_TAIL * slope, slope + left / straight[count]);
    for (let k = 0; k < size; k++) {
      const s = segment[k];
      if (s === 0) out[k] = floor + place[k] * (value[0] - floor);
      else if (s === count) out[k] = last + slope * place[k];
      else out[k] = step[s] > 0 ? value[s - 1] + step[s] * exp(bend * place[k]) : value[s - 1];
    }
  };
  return { size, fill };
}

/** Sum of a term over each segment, divided by the size of the whole grid. */
function averages(segment: Int32Array, count: number, term: (k: number) => number): Float64Array {
  const sums = new Float64Array(count);
  segment.forEach((s, k) => (sums[s] += term(k) / segment.length));
  return sums;
}
