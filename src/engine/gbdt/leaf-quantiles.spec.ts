import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { DEFAULT_BOOSTER_PARAMS, predictBooster, trainBooster } from './index.ts';

const ROWS = 40_960;
const rng = createRng(12);

/** One cut between two halves, each of so many rows that its quantile is found by a guess. */
function halves(target: Float32Array, quantile: number, plain: boolean, weight: Float32Array | null): number[] {
  const side = Float32Array.from(target, (_, row) => row % 2);
  const data = { names: ['side'], columns: [side], rowCount: target.length };
  const loss = { kind: 'pinball', quantile } as const;
  const params = { ...DEFAULT_BOOSTER_PARAMS, loss, trees: 1, learningRate: 1, maxLeaves: 2 };
  const booster = trainBooster(data, target, weight, params, { plain });
  return [...predictBooster(booster, { ...data, columns: [Float32Array.of(0, 1)], rowCount: 2 })];
}

describe('values of leaves with many rows', () => {
  it.each([
    ['random', () => rng()],
    ['tied', () => Math.floor(rng() * 5)],
    ['ascending', (i: number) => i],
    // Of each half every fortieth row, which is what a sample takes, lies apart from the rest.
    ['misleading', (i: number) => ((i >> 1) % 40 === 0 ? -1e6 : i % 97)],
  ])('are quantiles of %s targets', (_, entry) => {
    const target = Float32Array.from({ length: ROWS }, (__, i) => entry(i) + (i % 2) * 1000);
    for (const quantile of [0.1, 0.5, 0.9]) {
      const wanted = [0, 1].map((half) => {
        const sorted = target.filter((__, row) => row % 2 === half).sort();
        return sorted[Math.ceil((quantile * ROWS) / 2 - 1e-9) - 1];
      });
      const compiled = halves(target, quantile, false, null);
      compiled.forEach((value, half) => expect(value).toBeCloseTo(wanted[half], 1));
      expect(halves(target, quantile, true, null)).toEqual(compiled);
    }
  });

  it('count rows by their weight', () => {
    const target = Float32Array.from({ length: ROWS }, (_, i) => (i >> 1) % 100);
    const weight = Float32Array.from({ length: ROWS }, (_, i) => ((i >> 1) % 100 === 80 ? 99 : 1));
    halves(target, 0.5, false, weight).forEach((value) => expect(value).toBeCloseTo(80, 3));
  });
});
