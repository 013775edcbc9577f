import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { solveSymmetric } from '../seasonal/ridge.ts';
import {
  bottomUp,
  createHierarchy,
  olsCovariance,
  reconcile,
  shrinkage,
  shrunkenCovariance,
  structuralCovariance,
  topDown,
  varianceCovariance,
  type ErrorCovariance,
  type Hierarchy,
} from './index.ts';

const pair = createHierarchy([{ name: 'total', nodeOf: Int32Array.of(0, 0), count: 1 }], 2);

/** Total, places and products crossed, over 24 series. */
const crossed = createHierarchy(
  [
    { name: 'total', nodeOf: new Int32Array(24), count: 1 },
    { name: 'place', nodeOf: Int32Array.from({ length: 24 }, (_, s) => s % 4), count: 4 },
    { name: 'product', nodeOf: Int32Array.from({ length: 24 }, (_, s) => Math.floor(s / 4)), count: 6 },
  ],
  24,
);
const NODES = 35;
const HORIZON = 3;
const PERIODS = 20;
const rng = createRng(5);
const base = Float64Array.from({ length: NODES * HORIZON }, () => 10 * rng());
const residuals = Float64Array.from({ length: NODES * PERIODS }, () => rng() - 0.5 + rng());

function summing({ upperCount, bottomCount, levels, levelStart }: Hierarchy): number[][] {
  return Array.from({ length: upperCount + bottomCount }, (_, node) =>
    Array.from({ length: bottomCount }, (__, s) =>
      node - upperCount === s || levels.some(({ nodeOf }, l) => levelStart[l] + nodeOf[s] === node) ? 1 : 0,
    ),
  );
}

/** S(SᵀW⁻¹S)⁻¹SᵀW⁻¹ŷ with every matrix written out. */
function byTheBook(tree: Hierarchy, values: Float64Array, { diagonal, factors }: ErrorCovariance): number[] {
  const s = summing(tree);
  const n = diagonal.length;
  const w = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) => (i === j ? diagonal[i] : 0) + factors.reduce((x, f) => x + f[i] * f[j], 0)),
  );
  const inverseTimes = (b: number[]) => solveSymmetric(Float64Array.from(w.flat()), Float64Array.from(b), n);
  const columns = Array.from({ length: tree.bottomCount }, (_, c) => inverseTimes(s.map((row) => row[c])));
  const normal = columns.flatMap((column) =>
    columns.map((__, d) => s.reduce((sum, row, i) => sum + row[d] * column[i], 0)),
  );
  const right = columns.map((column) => column.reduce((sum, value, i) => sum + value * values[i], 0));
  const bottom = solveSymmetric(Float64Array.from(normal), Float64Array.from(right), tree.bottomCount);
  return s.map((row) => row.reduce((sum, one, c) => sum + one * bottom[c], 0));
}

const covariances: [string, ErrorCovariance][] = [
  ['OLS', olsCovariance(crossed)],
  ['structural', structuralCovariance(crossed)],
  ['variance', varianceCovariance(residuals, PERIODS)],
  ['shrunken', shrunkenCovariance(residuals, PERIODS)],
];

describe('reconciliation', () => {
  it.each([
    ['OLS', olsCovariance(pair), [96.66667, 43.33333, 53.33333]],
    ['structural', structuralCovariance(pair), [95, 42.5, 52.5]],
  ])('splits 100 over 40 and 50 by %s', (_name, covariance, expected) => {
    reconcile(pair, [100, 40, 50], 1, covariance).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4));
  });

  it.each(covariances)('agrees with the textbook formula: %s', (_name, covariance) => {
    const found = reconcile(crossed, base, HORIZON, covariance, { nonNegative: false });
    for (let h = 0; h < HORIZON; h++) {
      const expected = byTheBook(
        crossed,
        Float64Array.from({ length: NODES }, (_, node) => base[node * HORIZON + h]),
        covariance,
      );
      expected.forEach((value, node) => expect(found[node * HORIZON + h]).toBeCloseTo(value, 6));
    }
  });

  it.each(covariances)('is coherent, not negative, and leaves coherent forecasts alone: %s', (_name, covariance) => {
    const found = reconcile(crossed, base, HORIZON, covariance);
    const bottom = found.subarray(crossed.upperCount * HORIZON);
    bottomUp(crossed, bottom, HORIZON).forEach((value, i) => expect(found[i]).toBeCloseTo(value, 9));
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    // S P S = S: unbiased base forecasts stay unbiased.
    const coherent = bottomUp(crossed, base.subarray(0, 24 * HORIZON), HORIZON);
    reconcile(crossed, coherent, HORIZON, covariance).forEach((value, i) => expect(value).toBeCloseTo(coherent[i], 9));
  });

  it('sets negative bottom forecasts to 0 and sums again', () => {
    const found = reconcile(pair, [0, -9, 3], 1, olsCovariance(pair));
    expect(found[1]).toBe(0);
    expect(found[0]).toBe(found[2]);
  });

  it('refuses forecasts of another number of nodes', () => {
    expect(() => reconcile(pair, [1, 2], 1, olsCovariance(pair))).toThrow(InvalidInputError);
    const nodeOf = Int32Array.of(0, 2);
    expect(() => createHierarchy([{ name: 'total', nodeOf, count: 1 }], 2)).toThrow(/total/);
  });
});

describe('shrinkage', () => {
  it('is the ratio of sums over all pairs of nodes', () => {
    const scaled = Array.from({ length: NODES }, (_, i) => {
      const row = Array.from(residuals.subarray(i * PERIODS, (i + 1) * PERIODS));
      const size = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / PERIODS);
      return row.map((x) => x / size);
    });
    let variance = 0;
    let correlation = 0;
    for (let i = 0; i < NODES; i++)
      for (let j = 0; j < NODES; j++) {
        if (i === j) continue;
        const products = scaled[i].map((x, t) => x * scaled[j][t]);
        const sum = products.reduce((a, b) => a + b, 0);
        const squares = products.reduce((a, b) => a + b * b, 0);
        variance += (squares - sum ** 2 / PERIODS) / (PERIODS * (PERIODS - 1));
        correlation += (sum / PERIODS) ** 2;
      }
    expect(shrinkage(residuals, PERIODS)).toBeCloseTo(variance / correlation, 10);
  });

  it('is near 1 without correlation and near 0 for one common error', () => {
    const noise = Float64Array.from({ length: 40 * 200 }, () => rng() + rng() + rng() - 1.5);
    expect(shrinkage(noise, 200)).toBeGreaterThan(0.8);
    const common = noise.map((x, i) => noise[i % 200] + 0.1 * x);
    expect(shrinkage(common, 200)).toBeLessThan(0.05);
    expect(() => shrinkage([1, 2], 1)).toThrow(InvalidInputError);
  });
});

describe('top-down', () => {
  const level = { name: 'place', nodeOf: Int32Array.of(0, 0, 1, 1), count: 2 };
  it('splits by past shares, by forecasts, and evenly where nothing is known', () => {
    expect(Array.from(topDown(level, [10, 20, 6, 8], [1, 3, 0, 0], 2))).toEqual([2.5, 5, 7.5, 15, 3, 4, 3, 4]);
    const shape = [1, 4, 1, 0, 1, 1, 3, 1];
    expect(Array.from(topDown(level, [10, 20, 6, 8], shape, 2))).toEqual([5, 20, 5, 0, 1.5, 4, 4.5, 4]);
    expect(() => topDown(level, [1, 1], [1, 1, 1], 2)).toThrow(InvalidInputError);
  });
});
