import type { ShockGroup } from './common-errors.ts';
import type { SamplePaths } from './paths.ts';

const { floor, max, min } = Math;

/** A sum of rows over neighbouring periods. */
export interface PathSum {
  readonly rows: ArrayLike<number>;
  /** First period, from 0. */
  readonly from: number;
  /** Period after the last. */
  readonly to: number;
}

/** Mean and quantiles of sums, one entry per sum. */
export interface SumQuantiles {
  readonly mean: Float64Array;
  /** One array per probability. */
  readonly quantiles: readonly Float64Array[];
}

/**
 * Quantiles of any sums over rows and periods (a product everywhere, a shelf for a week, all orders of a lead time),
 * taken from joint paths: quantiles themselves never add up.
 */
export function quantilesOfSums(
  paths: SamplePaths,
  sums: readonly PathSum[],
  probabilities: readonly number[],
): SumQuantiles {
  const count = paths.paths;
  const totals = new Float64Array(sums.length * count);
  const sumsOf = new Map<number, number[]>();
  sums.forEach(({ rows }, index) => {
    for (let i = 0; i < rows.length; i++) {
      const known = sumsOf.get(rows[i]);
      if (known) known.push(index);
      else sumsOf.set(rows[i], [index]);
    }
  });
  const drawn = new Float32Array(paths.horizon * count);
  for (const [row, indices] of sumsOf) {
    paths.fill(row, drawn);
    for (const index of indices) {
      const to = index * count;
      for (let h = max(0, sums[index].from); h < min(sums[index].to, paths.horizon); h++)
        for (let p = 0; p < count; p++) totals[to + p] += drawn[h * count + p];
    }
  }
  return summarise(totals, count, probabilities);
}

/**
 * Quantiles of every node of several levels, period by period, all from the same paths: coherent, and each row is drawn
 * once.
 * @returns per level mean and quantiles `[count * horizon]`
 */
export function quantilesOfNodes(
  paths: SamplePaths,
  levels: readonly ShockGroup[],
  probabilities: readonly number[],
): SumQuantiles[] {
  const cells = paths.horizon * paths.paths;
  const totals = levels.map(({ count }) => new Float64Array(count * cells));
  const drawn = new Float32Array(cells);
  for (let row = 0; row < paths.rows; row++) {
    paths.fill(row, drawn);
    levels.forEach(({ nodeOf }, l) => {
      const to = nodeOf[row] * cells;
      const total = totals[l];
      for (let i = 0; i < cells; i++) total[to + i] += drawn[i];
    });
  }
  return totals.map((total) => summarise(total, paths.paths, probabilities));
}

/** Mean and quantiles of each run of `count` numbers, which are sorted in place. */
function summarise(totals: Float64Array, count: number, probabilities: readonly number[]): SumQuantiles {
  const size = totals.length / count;
  const mean = new Float64Array(size);
  const quantiles = probabilities.map(() => new Float64Array(size));
  for (let i = 0; i < size; i++) {
    const sorted = totals.subarray(i * count, (i + 1) * count).sort();
    for (let p = 0; p < count; p++) mean[i] += sorted[p] / count;
    probabilities.forEach((probability, q) => {
      // Value k stands for the probability (k + ½)/count.
      const place = min(count - 1, max(0, probability * count - 0.5));
      const below = floor(place);
      const above = min(count - 1, below + 1);
      quantiles[q][i] = sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    });
  }
  return { mean, quantiles };
}
