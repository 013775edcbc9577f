import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { crossedRatioWithInterval, ratioWithInterval } from './resampling.ts';

/** Sum of twelve uniform numbers less six: standard normal, nearly. */
function normals(count: number, seed: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => Array.from({ length: 12 }, rng).reduce((sum, u) => sum + u, -6));
}

describe('ratioWithInterval', () => {
  it('holds the truth nineteen times of twenty', () => {
    let inside = 0;
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed);
      const denominators = Array.from({ length: 30 }, () => 5 + 10 * rng());
      const noise = normals(30, seed + 1000);
      const estimate = ratioWithInterval(
        denominators.map((units, i) => 0.4 * units + noise[i]),
        denominators,
      );
      if (estimate && estimate.low <= 0.4 && estimate.high >= 0.4) inside++;
    }
    expect(inside).toBeGreaterThan(33);
    expect(inside).toBeLessThan(41);
  });

  it('is a point where all clusters agree, and nothing where nothing was sold', () => {
    expect(ratioWithInterval([1, 2, 3], [2, 4, 6])).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(ratioWithInterval([1], [0])).toBeNull();
    expect(ratioWithInterval([1, 5, 2], [3, 4, 9])).toEqual(ratioWithInterval([1, 5, 2], [3, 4, 9]));
  });
});

describe('crossedRatioWithInterval', () => {
  /** Differences of clusters in rounds around `truth`, with luck that a round shares and luck of each cell. */
  function differences(seed: number, truth: number, shared: number): number[] {
    const ofRound = normals(6, seed);
    const own = normals(40 * 6, seed + 5000);
    return own.map((noise, i) => truth + shared * ofRound[i % 6] + 0.5 * noise);
  }
  const units = new Float64Array(40 * 6).fill(1);

  it('is wider where a round has luck that all clusters share, which drawing clusters alone does not see', () => {
    const values = differences(3, 0.4, 0.3);
    const crossed = crossedRatioWithInterval(values, units, 6);
    const perCluster = Array.from({ length: 40 }, (_, c) => values.slice(c * 6, c * 6 + 6).reduce((a, b) => a + b, 0));
    const plain = ratioWithInterval(perCluster, new Float64Array(40).fill(6));
    if (!crossed || !plain) throw new Error('Something was sold');
    expect(crossed.value).toBeCloseTo(plain.value, 12);
    expect(crossed.high - crossed.low).toBeGreaterThan(1.5 * (plain.high - plain.low));
  });

  it.each([0, 0.1, 0.3])('seldom finds a difference that is not there, luck of a round %p', (shared) => {
    let wrong = 0;
    for (let seed = 0; seed < 60; seed++) {
      const estimate = crossedRatioWithInterval(differences(seed, 0, shared), units, 6);
      if (estimate && (estimate.low > 0 || estimate.high < 0)) wrong++;
    }
    expect(wrong).toBeLessThan(9);
  });

  it('finds one that is there in every round', () => {
    const estimate = crossedRatioWithInterval(differences(1, 0.4, 0.1), units, 6);
    expect(estimate?.low).toBeGreaterThan(0);
    expect(estimate?.value).toBeCloseTo(0.4, 0);
    expect(crossedRatioWithInterval(differences(1, 0.4, 0.1), units, 6)).toEqual(estimate);
  });

  it('draws the only round there is, and says nothing where nothing was sold', () => {
    expect(crossedRatioWithInterval([1, 2, 3], [2, 4, 6], 1)).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(crossedRatioWithInterval([1, 2], [0, 0], 2)).toBeNull();
  });
});
