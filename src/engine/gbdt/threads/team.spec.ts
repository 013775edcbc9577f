import { describe, expect, it } from '@jest/globals';
import { createRng } from '../../rng.ts';
import { DEFAULT_BOOSTER_PARAMS, trainBoosters } from '../index.ts';
import type { FeatureColumns, Loss } from '../index.ts';

const rowCount = 26_000;
const rng = createRng(4);
const columns = Array.from({ length: 5 }, (_, f) =>
  Float32Array.from({ length: rowCount }, () => (f === 1 && rng() < 0.1 ? NaN : Math.floor(rng() * 40))),
);
const data: FeatureColumns = { names: ['a', 'b', 'c', 'd', 'e'], columns, rowCount };
const target = Float32Array.from(columns[0], (v, i) => Math.floor(v / 9 + 2 * rng() + (columns[2][i] % 3)));
const weight = columns[3].map((v) => v + 1);
const held: FeatureColumns = { ...data, columns: columns.map((c) => c.subarray(0, 5000)), rowCount: 5000 };

describe('training in several threads', () => {
  it.each([null, weight])(
    'gives the same boosters to the bit',
    (weights) => {
      const losses: Loss[] = [{ kind: 'squared' }, { kind: 'tweedie', power: 1.3 }, { kind: 'pinball', quantile: 0.7 }];
      const params = losses.map((loss) => ({
        ...DEFAULT_BOOSTER_PARAMS,
        loss,
        trees: 6,
        rowFraction: 0.8,
        categorical: ['c'],
        earlyStoppingRounds: 3,
      }));
      const fit = (threads: number) =>
        trainBoosters(data, target, weights, params, {
          threads,
          validation: { data: held, target: target.subarray(0, 5000), weight: weight.subarray(0, 5000) },
        });
      const alone = fit(1);
      expect(fit(2)).toEqual(alone);
      expect(fit(3)).toEqual(alone);
    },
    60_000,
  );

  const params = [{ ...DEFAULT_BOOSTER_PARAMS, trees: 20 }];

  it('ends all threads when the fit is stopped', () => {
    const onProgress = (done: number): boolean => done < 3;
    expect(() => trainBoosters(data, target, null, params, { threads: 2, onProgress })).toThrow(/stopped/);
  }, 60_000);

  it('goes on alone, without a long wait, when threads cannot start', () => {
    const threadFile = new URL('./missing.js', import.meta.url);
    const alone = trainBoosters(data, target, null, params, { threads: 1 });
    expect(trainBoosters(data, target, null, params, { threads: 3, threadFile })).toEqual(alone);
  }, 60_000);
});
