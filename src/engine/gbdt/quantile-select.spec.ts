import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { quantileInPlace, weightedQuantile } from './quantile-select.ts';

const rng = createRng(3);
describe('quantile selection', () => {
  it.each([0.1, 0.5, 0.9, 0.99])('agrees with sorting at %p', (quantile) => {
    const values = Float64Array.from({ length: 1000 }, () => Math.floor(rng() * 50));
    const sorted = values.slice().sort();
    const wanted = sorted[Math.round(quantile * 1000) - 1];
    expect(weightedQuantile(values, new Float64Array(1000).fill(2), 1000, quantile)).toBe(wanted);
    expect(quantileInPlace(values, 1000, quantile)).toBe(wanted);
  });

  it.each([
    ['random', () => rng()],
    ['tied', () => Math.floor(rng() * 5)],
    ['equal', () => 7],
    ['ascending', (i: number) => i],
    // Every tenth entry, which is what a sample would take, lies apart from the rest.
    ['misleading', (i: number) => (i % 10 === 0 ? -1e6 : 0) + i],
  ])('agrees with sorting for many %s entries', (_, entry) => {
    for (const count of [2048, 5120, 20_000]) {
      const values = Float64Array.from({ length: count }, (__, i) => entry(i));
      const sorted = values.slice().sort();
      for (const quantile of [0.001, 0.1, 0.5, 0.9, 1]) {
        const wanted = sorted[Math.max(0, Math.ceil(quantile * count - 1e-9) - 1)];
        expect(quantileInPlace(values.slice(), count, quantile)).toBe(wanted);
      }
    }
  });

  it('counts a value as often as its weight says', () => {
    expect(weightedQuantile(Float64Array.of(3, 1, 2), Float64Array.of(1, 8, 1), 3, 0.8)).toBe(1);
    expect(weightedQuantile(Float64Array.of(3, 1, 2), Float64Array.of(1, 8, 1), 3, 0.85)).toBe(2);
  });
});
