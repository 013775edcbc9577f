import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../errors.ts';
import { DEFAULT_BOOSTER_PARAMS, predictBooster, trainBooster } from '../gbdt/index.ts';
import { goesLeft } from '../gbdt/predict-split.ts';
import { randomBooster, randomRows } from '../../../test/support/random-forest.ts';
import type { Booster } from '../gbdt/types.ts';
import { createRng } from '../rng.ts';
import { gaussLegendre } from './quadrature.ts';
import { explainBooster } from './tree-shap.ts';

/** Score when only the features of `known` (a bit set) are known: the others follow both branches by cover. */
function expectedScore({ forest, baseScore }: Booster, row: readonly number[], known: number): number {
  const walk = (node: number): number => {
    const feature = forest.feature[node];
    if (feature < 0) return forest.value[node];
    const [a, b] = [forest.left[node], forest.right[node]];
    if ((known >> feature) & 1) return walk(goesLeft(forest, node, row[feature]) ? a : b);
    return (forest.cover[a] * walk(a) + forest.cover[b] * walk(b)) / forest.cover[node];
  };
  return forest.treeStart.subarray(0, -1).reduce((sum, root) => sum + walk(root), baseScore);
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Shapley's formula over all subsets. */
function bruteForce(booster: Booster, row: readonly number[]): number[] {
  const width = row.length;
  const scores = Array.from({ length: 1 << width }, (_, known) => expectedScore(booster, row, known));
  return row.map((_, i) => {
    let sum = 0;
    for (let known = 0; known < scores.length; known++) {
      if ((known >> i) & 1) continue;
      let size = 0;
      for (let j = 0; j < width; j++) size += (known >> j) & 1;
      const weight = (factorial(size) * factorial(width - size - 1)) / factorial(width);
      sum += weight * (scores[known | (1 << i)] - scores[known]);
    }
    return sum;
  });
}

describe('explainBooster', () => {
  it.each([1, 2, 3, 4])('agrees with Shapley values over all subsets, forest %p', (seed) => {
    const rng = createRng(seed);
    const booster = randomBooster(rng, { trees: 4, leaves: 4 + 5 * seed, features: 6, categorical: [1, 4] });
    const data = randomRows(rng, booster.featureNames, [1, 4], 12);
    const { values, baseValue } = explainBooster(booster, data);
    expect(baseValue).toBeCloseTo(expectedScore(booster, [0, 0, 0, 0, 0, 0], 0), 10);
    for (let row = 0; row < data.rowCount; row++) {
      const wanted = bruteForce(
        booster,
        data.columns.map((column) => column[row]),
      );
      wanted.forEach((phi, f) => expect(Math.abs(values[row * 6 + f] - phi)).toBeLessThan(1e-10));
    }
  });

  it.each(['squared', 'poisson'] as const)('adds up to the score of a trained booster, loss %p', (kind) => {
    const rng = createRng(9);
    const rowCount = 2000;
    const data = {
      names: Array.from({ length: 8 }, (_, f) => `x${f}`),
      columns: Array.from({ length: 8 }, () =>
        Float32Array.from({ length: rowCount }, () => (rng() < 0.1 ? NaN : rng())),
      ),
      rowCount,
    };
    const target = Float32Array.from({ length: rowCount }, (_, i) => {
      const [a, b, c] = data.columns.map((column) => column[i] || 0);
      return Math.floor(3 * a + 4 * b * c + 2 * rng());
    });
    const params = { ...DEFAULT_BOOSTER_PARAMS, loss: { kind }, trees: 20, maxLeaves: 63 };
    const booster = trainBooster(data, target, null, params);
    const { values, baseValue } = explainBooster(booster, data);
    const predicted = predictBooster(booster, data);
    for (let row = 0; row < rowCount; row += 37) {
      let score = baseValue;
      for (let f = 0; f < 8; f++) score += values[row * 8 + f];
      const raw = data.columns.map((column) => column[row]);
      expect(Math.abs(score - expectedScore(booster, raw, 255))).toBeLessThan(1e-9);
      const response = kind === 'poisson' ? Math.exp(score) : score;
      expect(Math.abs(Math.fround(response) - predicted[row])).toBeLessThan(1e-5);
    }
  });

  it('gives nothing to a forest of bare leaves and refuses data without a feature', () => {
    const booster = randomBooster(createRng(1), { trees: 3, leaves: 1, features: 2, categorical: [] });
    const data = randomRows(createRng(2), booster.featureNames, [], 5);
    expect(explainBooster(booster, data).values).toEqual(new Float64Array(10));
    expect(() => explainBooster(booster, { ...data, names: ['f0', 'other'] })).toThrow(InvalidInputError);
  });
});

describe('gaussLegendre', () => {
  it.each([1, 2, 5, 16, 32])('integrates every power up to twice its %p points less one', (count) => {
    const { points, weights } = gaussLegendre(count);
    for (let degree = 0; degree < 2 * count; degree++) {
      const integral = points.reduce((sum, t, q) => sum + weights[q] * t ** degree, 0);
      expect(Math.abs(integral - 1 / (degree + 1))).toBeLessThan(1e-13);
    }
  });
});
