import { describe, expect, it } from '@jest/globals';
import { createRng } from '../../engine/index.ts';
import { pairedPValue } from './statistics.ts';

/** Sum of twelve uniform numbers less six: standard normal, nearly. */
function normals(count: number, seed: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => Array.from({ length: 12 }, rng).reduce((sum, u) => sum + u, -6));
}

describe('pairedPValue', () => {
  it.each([
    // All of one sign: 2 of 2ⁿ flips are as extreme.
    [[1, 2, 3], 2 / 8],
    [[0.5, 0.25, 4, 1, 2, 0, 3], 2 / 64],
    // {3, −1}: ±4 and ±2, two of four reach 2 and the others exceed it.
    [[3, -1], 1],
    // {5, 1, −1}: |5|, |5|, |7|, |3| and their mirrors: 6 of 8 reach 5.
    [[5, 1, -1], 6 / 8],
    [[], 1],
  ])('of %p is exact', (differences, expected) => {
    expect(pairedPValue(differences)).toBeCloseTo(expected, 12);
  });

  it('is that of the t test where that holds', () => {
    // n = 100, mean 0.25: t = 2.5, two-sided p = 0.014.
    const noise = normals(100, 5);
    const mean = noise.reduce((sum, value) => sum + value, 0) / 100;
    const spread = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 99);
    const p = pairedPValue(noise.map((value) => (value - mean) / spread + 0.25));
    expect(p).toBeGreaterThan(0.008);
    expect(p).toBeLessThan(0.022);
  });

  it('finds nothing where there is nothing, as often as it should', () => {
    let found = 0;
    for (let seed = 0; seed < 200; seed++) if (pairedPValue(normals(12, seed)) <= 0.05) found++;
    expect(found).toBeGreaterThan(2);
    expect(found).toBeLessThan(21);
  });
});
