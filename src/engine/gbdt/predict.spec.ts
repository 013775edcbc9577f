import { describe, expect, it } from '@jest/globals';
import { randomBooster, randomRows } from '../../../test/support/random-forest.ts';
import { InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { addForestScores } from './predict-kernel.ts';
import { layOutForests } from './predict-layout.ts';
import { addPlainScores } from './predict-plain.ts';
import { goesLeft } from './predict-split.ts';
import { predictBooster, predictBoosters } from './predict.ts';
import type { Booster, FeatureColumns } from './types.ts';

const ROWS = 700;

/** Leaf by leaf from the definition of a forest. */
function expectedScores({ forest, baseScore }: Booster, data: FeatureColumns): Float64Array {
  return Float64Array.from({ length: data.rowCount }, (_, row) => {
    let score = baseScore;
    for (const root of forest.treeStart.subarray(0, -1)) {
      let node = root;
      while (forest.feature[node] >= 0) {
        const left = goesLeft(forest, node, data.columns[forest.feature[node]][row]);
        node = left ? forest.left[node] : forest.right[node];
      }
      score += forest.value[node];
    }
    return score;
  });
}

/** Scores by the compiled kernel alone. */
function kernelScores(boosters: readonly Booster[], data: FeatureColumns): Float64Array[] {
  const layout = layOutForests(boosters);
  if (layout === null) throw new Error('the boosters do not fit the kernel');
  const scores = boosters.map(({ baseScore }) => new Float64Array(data.rowCount).fill(baseScore));
  expect(addForestScores(layout, data.columns, scores)).toBe(true);
  return scores;
}

describe('scores', () => {
  it.each([1, 2, 7, 8, 9, 31, 63, 200, 256])('are the same to the bit by kernel and by walk, %p leaves', (leaves) => {
    for (const categorical of [[], [1, 3]]) {
      for (const grid of [20, 250]) {
        const rng = createRng(leaves + grid);
        const booster = randomBooster(rng, { trees: 5, leaves, features: 5, categorical, grid });
        const data = randomRows(rng, booster.featureNames, categorical, ROWS, grid);
        const wanted = expectedScores(booster, data);
        const walked = new Float64Array(ROWS).fill(booster.baseScore);
        addPlainScores(booster.forest, data.columns, walked);
        expect(walked).toEqual(wanted);
        expect(kernelScores([booster], data)[0]).toEqual(wanted);
      }
    }
  });

  it('are the same for several boosters together', () => {
    const rng = createRng(3);
    const boosters = [5, 40, 12].map((leaves) =>
      randomBooster(rng, { trees: leaves, leaves, features: 6, categorical: [2] }),
    );
    const data = randomRows(rng, boosters[0].featureNames, [2], ROWS);
    expect(kernelScores(boosters, data)).toEqual(boosters.map((booster) => expectedScores(booster, data)));
  });
});

describe('layOutForests', () => {
  it('refuses what the kernel cannot hold', () => {
    const rng = createRng(1);
    const leafy = randomBooster(rng, { trees: 1, leaves: 257, features: 3, categorical: [] });
    const fine = randomBooster(rng, { trees: 20, leaves: 200, features: 1, categorical: [], grid: 5000 });
    const plain = randomBooster(rng, { trees: 3, leaves: 9, features: 1, categorical: [] });
    const byCategory = randomBooster(rng, { trees: 3, leaves: 9, features: 1, categorical: [0] });
    for (const boosters of [[leafy], [fine], [plain, byCategory]]) expect(layOutForests(boosters)).toBeNull();
  });
});

describe('predictBooster', () => {
  const rng = createRng(11);
  const shape = { trees: 20, leaves: 12, features: 4, categorical: [0] };
  const squared = randomBooster(rng, shape);
  const data = randomRows(rng, squared.featureNames, [0], ROWS);

  it('applies the link and finds columns by name', () => {
    const shuffled: FeatureColumns = {
      names: ['other', ...[...data.names].reverse()],
      columns: [new Float32Array(ROWS), ...[...data.columns].reverse()],
      rowCount: ROWS,
    };
    expect(predictBooster(squared, shuffled)).toEqual(Float32Array.from(expectedScores(squared, data)));
    const poisson: Booster = { ...squared, params: { ...squared.params, loss: { kind: 'poisson' } } };
    expect(predictBooster(poisson, data)).toEqual(
      Float32Array.from(expectedScores(squared, data), (score) => Math.exp(score)),
    );
    const binary: Booster = { ...squared, params: { ...squared.params, loss: { kind: 'binary' } } };
    expect(predictBooster(binary, data)).toEqual(
      Float32Array.from(expectedScores(squared, data), (score) => 1 / (1 + Math.exp(-score))),
    );
  });

  it.each([0, 1, 63, 64, 255, 256, 257])('predicts %p rows as the first of many', (rowCount) => {
    const few = { ...data, columns: data.columns.map((column) => column.subarray(0, rowCount)), rowCount };
    expect(predictBooster(squared, few)).toEqual(predictBooster(squared, data).subarray(0, rowCount));
  });

  it('walks forests that the kernel cannot hold', () => {
    const leafy = randomBooster(rng, { ...shape, trees: 2, leaves: 300 });
    expect(predictBooster(leafy, data)).toEqual(Float32Array.from(expectedScores(leafy, data)));
  });

  it('refuses missing and short columns', () => {
    expect(() => predictBooster(squared, { ...data, names: ['f0', 'f1', 'f2', 'f4'] })).toThrow(InvalidInputError);
    expect(() => predictBooster(squared, { ...data, rowCount: ROWS + 1 })).toThrow(InvalidInputError);
  });
});

describe('predictBoosters', () => {
  const rng = createRng(21);
  const shape = { trees: 6, leaves: 20, features: 4, categorical: [] };

  it('gives what each booster gives alone', () => {
    const boosters = [randomBooster(rng, shape), randomBooster(rng, { ...shape, loss: { kind: 'poisson' } })];
    const data = randomRows(rng, boosters[0].featureNames, [], ROWS);
    const alone = boosters.map((booster) => predictBooster(booster, data));
    expect(predictBoosters(boosters, data)).toEqual(alone);
    expect(predictBoosters([...boosters].reverse(), data)).toEqual([...alone].reverse());
    expect(predictBoosters([], data)).toEqual([]);
  });

  it('takes boosters with other features or too many thresholds together', () => {
    const boosters = [
      randomBooster(rng, { ...shape, trees: 9, grid: 250 }),
      randomBooster(rng, { ...shape, features: 3 }),
      randomBooster(rng, { ...shape, leaves: 200, grid: 3000 }),
    ];
    const data = randomRows(rng, boosters[0].featureNames, [], ROWS);
    const alone = boosters.map((booster) => predictBooster(booster, data));
    expect(predictBoosters(boosters, data)).toEqual(alone);
    expect(predictBoosters([boosters[0], boosters[2]], data)).toEqual([alone[0], alone[2]]);
  });
});
