import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { rmsse, scaledPinballLoss } from './index.ts';
import { scoringScales, sumByNode, weightedPinball, weightedRmsse, type ScoringLevel } from './weighted.ts';

const SERIES = 12;
const LENGTH = 40;
const HORIZON = 5;
const rng = createRng(7);
const history = Float32Array.from({ length: SERIES * LENGTH }, (_, i) =>
  i % LENGTH < 3 * Math.floor(i / LENGTH) ? 0 : 1 + Math.floor(rng() * 9),
);
const actual = Float32Array.from({ length: SERIES * HORIZON }, () => Math.floor(rng() * 9));
const forecast = Float32Array.from(actual, () => rng() * 9);
const weights = Float64Array.from({ length: SERIES }, () => rng());

function level(name: string, keyOf: (series: number) => number): ScoringLevel {
  const nodeOf = Int32Array.from({ length: SERIES }, (_, s) => keyOf(s));
  return { name, nodeOf, count: Math.max(...nodeOf) + 1 };
}
const levels = [
  level('total', () => 0),
  level('place', (s) => s % 3),
  level('shelf', (s) => 2 * (s % 3) + (s > 5 ? 1 : 0)),
  level('product', (s) => Math.floor(s / 3)),
  level('all', (s) => s),
];
const scales = scoringScales({ values: history, stride: LENGTH, length: LENGTH }, levels, weights);

const rowsOf = (values: Float32Array, length: number, { nodeOf }: ScoringLevel, node: number): number[] => {
  const row = new Array<number>(length).fill(0);
  nodeOf.forEach((n, s) => {
    if (n === node) row.forEach((_, t) => (row[t] += values[s * length + t]));
  });
  return row;
};
const weightOf = ({ nodeOf }: ScoringLevel, node: number) =>
  weights.reduce((sum, w, s) => sum + (nodeOf[s] === node ? w : 0), 0) / weights.reduce((sum, w) => sum + w, 0);

describe('weighted scores of a hierarchy', () => {
  it('are the weighted RMSSE of the nodes summed one by one', () => {
    const { byLevel, mean } = weightedRmsse(scales, actual, forecast, HORIZON);
    const expected = levels.map((one) => {
      let sum = 0;
      for (let node = 0; node < one.count; node++) {
        const score = rmsse(
          rowsOf(actual, HORIZON, one, node),
          rowsOf(forecast, HORIZON, one, node),
          rowsOf(history, LENGTH, one, node),
        );
        sum += weightOf(one, node) * (score ?? NaN);
      }
      return sum;
    });
    byLevel.forEach((score, l) => expect(score).toBeCloseTo(expected[l], 10));
    expect(mean).toBeCloseTo(expected.reduce((sum, score) => sum + score, 0) / levels.length, 10);
  });

  it('are the weighted scaled pinball losses of the nodes', () => {
    const probabilities = [0.1, 0.5, 0.9];
    const quantiles = levels.map((one) =>
      [0.5, 1, 1.5].map((factor) => sumByNode(forecast, HORIZON, HORIZON, one).map((value) => factor * value)),
    );
    const { byLevel } = weightedPinball(scales, actual, quantiles, probabilities, HORIZON);
    levels.forEach((one, l) => {
      let sum = 0;
      for (let node = 0; node < one.count; node++) {
        const past = rowsOf(history, LENGTH, one, node);
        const own = quantiles[l].map((values) => values.slice(node * HORIZON, (node + 1) * HORIZON));
        const sold = rowsOf(actual, HORIZON, one, node);
        sum +=
          weightOf(one, node) *
          (scaledPinballLoss(sold, own, probabilities, past.slice(past.findIndex((value) => value > 0))) ?? NaN);
      }
      expect(byLevel[l]).toBeCloseTo(sum, 10);
    });
  });

  it('leaves out nodes that never sold, and periods whose actual is unknown', () => {
    const pair: ScoringLevel = { name: 'each', nodeOf: Int32Array.of(0, 1), count: 2 };
    const values = [0, 0, 0, 1, 3, 1];
    const own = scoringScales({ values, stride: 3, length: 3 }, [pair], [5, 1]);
    expect(weightedRmsse(own, [1, 1, 3, NaN], [9, 9, 1, 9], 2).byLevel[0]).toBeCloseTo(Math.sqrt(4 / 2 / 4), 12);
    const never = scoringScales({ values: [0, 0], stride: 1, length: 1 }, [pair], [1, 1]);
    expect(weightedRmsse(never, [1, 1], [1, 1], 1)).toEqual({ byLevel: [null], mean: null });
  });

  it('refuses a level of another number of series', () => {
    expect(() => scoringScales({ values: history, stride: LENGTH, length: LENGTH }, levels, [1])).toThrow(/total/);
  });
});
