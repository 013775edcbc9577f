import { classifyDemand } from './classify.ts';
import type { LocalSeries } from '../seasonal/history.ts';

const { floor, max, min, round } = Math;

/** Buckets below which the aggregation is made finer. */
const FEWEST_BUCKETS = 4;
/** Smoothing constants tried on the buckets; the one with the least squared one-step error is taken. */
const ALPHAS = [0.05, 0.1, 0.2, 0.3];

/** Expected units a period, and how many periods were added up into a bucket. */
export interface AdidaRate {
  readonly rate: number;
  readonly bucket: number;
}

/**
 * ADIDA (Nikolopoulos, Syntetos, Boylan, Petropoulos & Assimakopoulos 2011): demand added up over buckets of the
 * rounded mean interval between demands, which leaves few zeros; simple exponential smoothing of the buckets; the level
 * shared out evenly. Buckets are counted back from the end; one with gaps is scaled up from its observed periods, one
 * without any is skipped.
 */
export function adidaRate(series: LocalSeries): AdidaRate {
  const { values, observed, offset, first, end } = series;
  const periods = end - first;
  const { averageInterval } = classifyDemand(series, periods);
  if (averageInterval === Infinity) return { rate: 0, bucket: 1 };
  const bucket = max(1, min(round(averageInterval), floor(periods / FEWEST_BUCKETS)));
  const totals: number[] = [];
  for (let from = end - floor(periods / bucket) * bucket; from < end; from += bucket) {
    let sum = 0;
    let seen = 0;
    for (let t = from; t < from + bucket; t++) {
      if (observed[offset + t] === 0) continue;
      sum += values[offset + t];
      seen++;
    }
    if (seen > 0) totals.push((sum * bucket) / seen);
  }
  let level = 0;
  let least = Infinity;
  for (const alpha of ALPHAS) {
    let smoothed = totals[0];
    let squares = 0;
    for (let i = 1; i < totals.length; i++) {
      const miss = totals[i] - smoothed;
      squares += miss * miss;
      smoothed += alpha * miss;
    }
    if (squares >= least) continue;
    least = squares;
    level = smoothed;
  }
  return { rate: level / bucket, bucket };
}
