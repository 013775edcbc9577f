import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { calibrateGroups, quantilesAround } from './calibration.ts';
import { calibrateFolds, heldOutStretch, type FoldSample } from './held-out.ts';

const HORIZON = 4;

/** Outcomes around a mean of 100 that share a shift of the whole fold. */
function foldOf(rows: number, seed: number, shift: number): FoldSample {
  const rng = createRng(seed);
  const normal = () => Array.from({ length: 12 }, () => rng()).reduce((sum, value) => sum + value, -6);
  const mean = new Float32Array(rows * HORIZON).fill(100);
  return {
    mean,
    actual: mean.map((value) => Math.max(0, value + shift + 10 * normal())),
    dispersion: new Float32Array(rows).fill(1),
    groupOf: new Uint8Array(rows),
    horizon: HORIZON,
  };
}

/** Share of a fold's outcomes inside the 80 % intervals of calibrations. */
function coverage(fold: FoldSample, calibrations: ReturnType<typeof calibrateFolds>): number {
  const quantiles = quantilesAround(calibrations, fold.groupOf, fold.mean, fold.dispersion, HORIZON);
  let inside = 0;
  fold.actual.forEach((y, i) => {
    if (y >= quantiles[2][i] && y <= quantiles[8][i]) inside++;
  });
  return inside / fold.actual.length;
}

describe('calibration over folds', () => {
  it('leaves folds alone that are alike', () => {
    const folds = [1, 2, 3].map((seed) => foldOf(600, seed, 0));
    expect(heldOutStretch(folds, 1)).toBeLessThan(1.03);
    expect(heldOutStretch(folds.slice(1), 1)).toBeGreaterThanOrEqual(1);
    expect(heldOutStretch(folds.slice(2), 1)).toBe(1);
  });

  it('widens where whole folds are shifted, so that new folds are covered better', () => {
    const rng = createRng(8);
    let plain = 0;
    let stretched = 0;
    const trials = 12;
    for (let trial = 0; trial < trials; trial++) {
      const shift = () => 30 * (rng() - 0.5);
      const folds = [1, 2].map((f) => foldOf(300, 10 * trial + f, shift()));
      const next = foldOf(300, 10 * trial + 3, shift());
      const joined = {
        ...folds[0],
        mean: Float32Array.from(folds.flatMap(({ mean }) => [...mean])),
        actual: Float32Array.from(folds.flatMap(({ actual }) => [...actual])),
        dispersion: new Float32Array(600).fill(1),
      };
      plain += coverage(next, calibrateGroups(joined, new Uint8Array(600), 1)) / trials;
      stretched += coverage(next, calibrateFolds(folds, 1)) / trials;
    }
    expect(plain).toBeLessThan(0.79);
    expect(Math.abs(stretched - 0.8)).toBeLessThan(Math.abs(plain - 0.8));
  });

  it('ignores what is not observed and sees that nothing sold is inside once a bound reaches 0', () => {
    const empty = foldOf(100, 1, 0);
    expect(
      heldOutStretch(
        [1, 2].map(() => ({ ...empty, actual: empty.actual.map(() => NaN) })),
        1,
      ),
    ).toBe(1);
    const rare = [1, 2].map((seed) => {
      const rng = createRng(seed);
      const fold = foldOf(600, seed, 0);
      return { ...fold, mean: fold.mean.map(() => 0.2), actual: fold.actual.map(() => (rng() < 0.15 ? 1 : 0)) };
    });
    expect(heldOutStretch(rare, 1)).toBe(1);
  });
});
