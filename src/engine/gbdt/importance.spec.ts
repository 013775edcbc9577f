import { describe, expect, it } from '@jest/globals';
import { randomBooster } from '../../../test/support/random-forest.ts';
import { createRng } from '../rng.ts';
import { featureImportance } from './importance.ts';

const random = randomBooster(createRng(5), { trees: 2, leaves: 3, features: 3, categorical: [] });
const booster = {
  ...random,
  forest: {
    ...random.forest,
    feature: Int32Array.of(0, 2, -1, -1, -1, 2, 2, -1, -1, -1),
    gain: Float64Array.of(8, 1, 0, 0, 0, 2, 0.5, 0, 0, 0),
    cover: Float64Array.of(100, 60, 40, 30, 30, 100, 50, 50, 20, 30),
  },
};

describe('featureImportance', () => {
  it('sums gain, counts splits and sums cover, largest first', () => {
    const list = (measure?: 'gain' | 'splits' | 'cover') => [...featureImportance(booster, { measure })];
    expect([...featureImportance(booster)]).toEqual(list('gain'));
    expect(list('gain')).toEqual([
      ['f0', 8],
      ['f2', 3.5],
      ['f1', 0],
    ]);
    expect(list('splits')).toEqual([
      ['f2', 3],
      ['f0', 1],
      ['f1', 0],
    ]);
    expect(list('cover')).toEqual([
      ['f2', 210],
      ['f0', 100],
      ['f1', 0],
    ]);
  });

  it('gives shares that sum to 1, or zeros without a split', () => {
    expect(featureImportance(booster, { measure: 'splits', normalised: true }).get('f2')).toBe(0.75);
    const leaves = randomBooster(createRng(1), { trees: 2, leaves: 1, features: 2, categorical: [] });
    expect([...featureImportance(leaves, { normalised: true }).values()]).toEqual([0, 0]);
  });
});
