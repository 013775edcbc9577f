import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../errors.ts';
import { QUANTILE_LEVELS } from '../pipeline/types.ts';
import { independentErrors, learnCommonErrors, type CommonErrors, type ErrorFold } from './common-errors.ts';
import { quantilesOfNodes, quantilesOfSums } from './path-sums.ts';
import { createSamplePaths, type PathSettings } from './paths.ts';
import { normalQuantile } from '../replenishment/normal.ts';
import { normalScore, normalScores } from './normal-scores.ts';
import { createQuantileGrid } from './quantile-function.ts';
import { createRankOrder } from './rank-order.ts';

/** Quantiles of a negative binomial distribution, by summing its probabilities. */
function negativeBinomial(mean: number, variance: number): number[] {
  const size = mean ** 2 / (variance - mean);
  const chance = mean / variance;
  return QUANTILE_LEVELS.map((level) => {
    let probability = chance ** size;
    let below = probability;
    let k = 0;
    while (below < level) {
      k++;
      probability *= ((size + k - 1) / k) * (1 - chance);
      below += probability;
    }
    return k;
  });
}

function settings(
  rows: number,
  horizon: number,
  errors: CommonErrors,
  extra: Partial<PathSettings> = {},
): PathSettings {
  return {
    mean: new Float32Array(rows * horizon).fill(5),
    quantiles: negativeBinomial(5, 15).map((value) => new Float32Array(rows * horizon).fill(value)),
    levels: QUANTILE_LEVELS,
    horizon,
    groups: errors.shares.map(() => ({ nodeOf: new Int32Array(rows), count: 1 })),
    errors,
    paths: 1000,
    seed: 1,
    ...extra,
  };
}
const everything = (rows: number) => Array.from({ length: rows }, (_, row) => row);

describe('normal scores', () => {
  it('agree with the exact quantile to nine digits', () => {
    for (const u of [1e-7, 0.001, 0.024, 0.0243, 0.3, 0.5, 0.9, 0.975, 0.99999])
      expect(normalScore(u)).toBeCloseTo(normalQuantile(u), 7);
    expect(Array.from(normalScores(2), (score) => score.toFixed(6))).toEqual(['-0.674490', '0.674490']);
  });
});

describe('rank order', () => {
  it('puts the values where the scores rank, far out and tied ones too', () => {
    const score = Float32Array.of(9, 0.3, -7, 0.3, 0.1, 5, -0.2, -6);
    const out = new Float32Array(8);
    createRankOrder(7)(score, 1, Float64Array.of(10, 20, 30, 40, 50, 60, 70), out);
    expect(Array.from(out)).toEqual([0, 50, 10, 60, 40, 70, 30, 20]);
  });
});

describe('quantile grid', () => {
  it('meets the quantiles exactly and the mean as well', () => {
    const values = new Float64Array(2000);
    for (const [mean, variance] of [
      [5, 15],
      [0.3, 0.5],
      [40, 200],
    ]) {
      const quantiles = negativeBinomial(mean, variance).map((value) => [value]);
      createQuantileGrid(QUANTILE_LEVELS, 2000).fill(quantiles, 0, mean, values);
      expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 2000 / mean - 1)).toBeLessThan(0.02);
      QUANTILE_LEVELS.forEach((level, q) => {
        const at = level * 2000;
        expect(values[at - 1]).toBeLessThanOrEqual(quantiles[q][0]);
        expect(values[at]).toBeGreaterThanOrEqual(quantiles[q][0]);
      });
      expect(values.every((value, k) => value >= (values[k - 1] ?? 0))).toBe(true);
    }
  });

  it('refuses levels that do not ascend', () => {
    expect(() => createQuantileGrid([0.5, 0.1], 10)).toThrow(InvalidInputError);
  });
});

describe('sample paths', () => {
  it('give sums quantiles of their own: far below the sum of the daily ones', () => {
    const paths = createSamplePaths(settings(1, 7, independentErrors(0), { paths: 4096 }));
    const week = quantilesOfSums(paths, [{ rows: [0], from: 0, to: 7 }], [0.9, 0.95]);
    expect(7 * negativeBinomial(5, 15)[QUANTILE_LEVELS.indexOf(0.9)]).toBe(70);
    expect(week.mean[0]).toBeCloseTo(35, 0);
    expect(week.quantiles[0][0]).toBeGreaterThan(47.5);
    expect(week.quantiles[0][0]).toBeLessThan(49.5);
    // Exactly 53; a path count of 4096 leaves it uncertain by about half a unit.
    expect(Math.abs(week.quantiles[1][0] - 53)).toBeLessThan(1);
  });

  it('keep every marginal while a shared shock widens the sums', () => {
    const rows = 20;
    const apart = createSamplePaths(settings(rows, 2, independentErrors(1)));
    const together = createSamplePaths(settings(rows, 2, { shares: [0.5], persistence: [0.9], ownPersistence: 0 }));
    const sum = [{ rows: everything(rows), from: 0, to: 2 }];
    const spread = ({ quantiles }: { quantiles: readonly Float64Array[] }) => quantiles[1][0] - quantiles[0][0];
    expect(spread(quantilesOfSums(together, sum, [0.1, 0.9]))).toBeGreaterThan(
      2.5 * spread(quantilesOfSums(apart, sum, [0.1, 0.9])),
    );
    const drawn = new Float32Array(2 * 1000);
    together.fill(7, drawn);
    const sorted = drawn.slice(1000).sort();
    expect(sorted[500]).toBeCloseTo(4, 0);
    expect(sorted[899]).toBeLessThanOrEqual(10);
    expect(sorted[900]).toBeGreaterThanOrEqual(10);
  });

  it('are the same for a row whatever else is drawn, and others for another seed', () => {
    const errors = { shares: [0.3], persistence: [0.5], ownPersistence: 0.2 };
    const [first, again, other] = [new Float32Array(3000), new Float32Array(3000), new Float32Array(3000)];
    createSamplePaths(settings(4, 3, errors)).fill(2, first);
    const second = createSamplePaths(settings(4, 3, errors));
    second.fill(0, other);
    second.fill(2, again);
    expect(again).toEqual(first);
    createSamplePaths(settings(4, 3, errors, { seed: 2 })).fill(2, other);
    expect(other).not.toEqual(first);
  });

  it('add up: the nodes of a level sum to the total in every path', () => {
    const errors = { shares: [0.3], persistence: [0.5], ownPersistence: 0.2 };
    const paths = createSamplePaths(settings(6, 3, errors));
    const halves = { nodeOf: [0, 0, 0, 1, 1, 1], count: 2 };
    const [total, half] = quantilesOfNodes(paths, [{ nodeOf: new Int32Array(6), count: 1 }, halves], [0.1, 0.9]);
    const sums = quantilesOfSums(paths, [{ rows: everything(6), from: 1, to: 2 }], [0.1, 0.9]);
    expect(sums.quantiles[1][0]).toBe(total.quantiles[1][1]);
    for (let h = 0; h < 3; h++) {
      expect(half.mean[h] + half.mean[3 + h]).toBeCloseTo(total.mean[h], 6);
      // Not all that goes wrong in one half goes wrong in the other.
      expect(total.quantiles[1][h]).toBeLessThan(half.quantiles[1][h] + half.quantiles[1][3 + h]);
    }
  });

  it('are 0 where nothing is expected, and refuse settings that do not fit', () => {
    const none = createSamplePaths(settings(1, 2, independentErrors(0), { mean: [0, 5] }));
    const drawn = new Float32Array(2000).fill(9);
    none.fill(0, drawn);
    expect(Math.max(...drawn.subarray(0, 1000))).toBe(0);
    expect(Math.max(...drawn.subarray(1000))).toBeGreaterThan(10);
    expect(() => createSamplePaths(settings(1, 1, independentErrors(0), { paths: 1 }))).toThrow(InvalidInputError);
    expect(() => createSamplePaths(settings(1, 1, independentErrors(2), { groups: [] }))).toThrow(InvalidInputError);
  });
});

describe('common errors', () => {
  const rows = 96;
  const horizon = 10;
  const groups = [
    { nodeOf: new Int32Array(rows), count: 1 },
    { nodeOf: Int32Array.from({ length: rows }, (_, row) => row % 12), count: 12 },
  ];

  /** Folds whose outcomes are paths of a known model. */
  function foldsOf(errors: CommonErrors): ErrorFold[] {
    const truth = settings(rows, horizon, errors, { groups, paths: 60 });
    const { mean, quantiles, levels } = truth;
    const paths = createSamplePaths(truth);
    const drawn = Array.from({ length: rows }, (_, row) => {
      const out = new Float32Array(horizon * 60);
      paths.fill(row, out);
      return out;
    });
    return Array.from({ length: 60 }, (_, p) => ({
      mean,
      quantiles,
      levels,
      horizon,
      actual: Float32Array.from(
        { length: rows * horizon },
        (__, i) => drawn[Math.floor(i / horizon)][(i % horizon) * 60 + p],
      ),
    }));
  }

  it('are found again in outcomes drawn from them', () => {
    const errors = { shares: [0.15, 0.25], persistence: [0.8, 0.4], ownPersistence: 0.5 };
    const found = learnCommonErrors(foldsOf(errors), groups);
    found.shares.forEach((share, g) => expect(Math.abs(share - errors.shares[g])).toBeLessThan(0.05));
    found.persistence.forEach((value, g) => expect(Math.abs(value - errors.persistence[g])).toBeLessThan(0.15));
    expect(Math.abs(found.ownPersistence - 0.5)).toBeLessThan(0.1);
  });

  it('are not invented where there are none, nor without folds', () => {
    const found = learnCommonErrors(foldsOf(independentErrors(2)), groups);
    expect(Math.max(...found.shares)).toBeLessThan(0.02);
    expect(found.ownPersistence).toBeLessThan(0.1);
    expect(learnCommonErrors([], groups)).toEqual(independentErrors(2));
  });
});
