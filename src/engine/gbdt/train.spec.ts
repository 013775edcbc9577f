import { describe, expect, it } from '@jest/globals';
import { CancelledError, InvalidInputError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { DEFAULT_BOOSTER_PARAMS, featureImportance, predictBooster, trainBooster, trainBoosters } from './index.ts';
import type { BoosterParams, FeatureColumns } from './index.ts';

const rows = 6000;

function columns(entries: Record<string, ArrayLike<number>>): FeatureColumns {
  const list = Object.values(entries).map((values) => Float32Array.from(values));
  return { names: Object.keys(entries), columns: list, rowCount: list[0].length };
}

function uniform(seed: number, count = rows): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: count }, () => rng());
}

/** Knuth's Poisson draw; fine for the small means used here. */
function poisson(mean: number, rng: () => number): number {
  const limit = Math.exp(-mean);
  let draws = 0;
  for (let product = rng(); product > limit; product *= rng()) draws++;
  return draws;
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const squaredError = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  mean(Array.from(a, (v, i) => (v - b[i]) ** 2));

function params(overrides: Partial<BoosterParams>): BoosterParams {
  return { ...DEFAULT_BOOSTER_PARAMS, ...overrides };
}

const a = uniform(1);
const b = uniform(2);
const noise = uniform(3);
const data = columns({ a, b, noise });
const curve = Float32Array.from(a, (v, i) => Math.sin(6 * v) * 3 + (b[i] > 0.5 ? 2 : 0));
const rate = Float32Array.from(a, (v, i) => Math.exp(1.5 * v + (b[i] > 0.7 ? 1 : 0)));
const drawer = createRng(9);
const counts = rate.map((r) => poisson(r, drawer));

describe('trainBooster', () => {
  it('learns a curve with a jump and beats the constant on rows it has not seen', () => {
    const booster = trainBooster(data, curve, null, params({ trees: 150 }));
    const fresh = columns({ a: uniform(11), b: uniform(12), noise: uniform(13) });
    const truth = Float32Array.from(
      fresh.columns[0],
      (v, i) => Math.sin(6 * v) * 3 + (fresh.columns[1][i] > 0.5 ? 2 : 0),
    );
    const error = squaredError(predictBooster(booster, fresh), truth);
    const constant = mean(curve);
    expect(error).toBeLessThan(
      0.01 *
        squaredError(
          truth.map(() => constant),
          truth,
        ),
    );
  });

  it('ranks the features that matter above noise', () => {
    const importance = featureImportance(trainBooster(data, curve, null, params({})));
    expect([...importance.keys()]).toEqual(['a', 'b', 'noise']);
    expect(importance.get('noise')).toBeLessThan(0.01 * (importance.get('b') ?? 0));
  });

  it.each([
    { kind: 'poisson' } as const,
    { kind: 'tweedie', power: 1.1 } as const,
    { kind: 'tweedie', power: 1.5 } as const,
  ])('predicts an unbiased, positive mean of counts with $kind', (loss) => {
    const predicted = predictBooster(trainBooster(data, counts, null, params({ loss, minRowsPerLeaf: 100 })), data);
    const average = mean(counts);
    expect(Math.abs(mean(predicted) / average - 1)).toBeLessThan(0.01);
    expect(Math.min(...predicted)).toBeGreaterThan(0);
    expect(squaredError(predicted, rate)).toBeLessThan(
      0.05 *
        squaredError(
          rate.map(() => average),
          rate,
        ),
    );
  });

  it.each([0.1, 0.5, 0.9])('puts a share %p of new outcomes at or below its quantile', (quantile) => {
    const rng = createRng(5);
    const spread = (v: number): number => (1 + 4 * v) * (rng() + rng() - 1);
    const target = Float32Array.from(a, (v) => spread(v));
    const booster = trainBooster(
      data,
      target,
      null,
      params({ loss: { kind: 'pinball', quantile }, minRowsPerLeaf: 200 }),
    );
    const fresh = columns({ a: uniform(21), b: uniform(22), noise: uniform(23) });
    const predicted = predictBooster(booster, fresh);
    for (const half of [0, 1]) {
      const inHalf = Array.from(fresh.columns[0], (v, i) => ({ v, q: predicted[i] })).filter(
        ({ v }) => (v > 0.5 ? 1 : 0) === half,
      );
      const covered = mean(inHalf.map(({ v, q }) => (spread(v) <= q ? 1 : 0)));
      expect(Math.abs(covered - quantile)).toBeLessThan(0.04);
    }
  });

  it('gives each loss the better value of its own metric', () => {
    const rng = createRng(6);
    const skewed = Float32Array.from(a, (v) => (1 + v) * -Math.log(1 - rng()));
    const losses = [{ kind: 'squared' } as const, { kind: 'pinball', quantile: 0.9 } as const];
    const [squared, high] = trainBoosters(
      data,
      skewed,
      null,
      losses.map((loss) => params({ loss })),
    ).map((booster) => predictBooster(booster, data));
    const pinball = (f: Float32Array): number =>
      mean(Array.from(skewed, (y, i) => Math.max(0.9 * (y - f[i]), -0.1 * (y - f[i]))));
    expect(squaredError(squared, skewed)).toBeLessThan(squaredError(high, skewed));
    expect(pinball(high)).toBeLessThan(pinball(squared));
  });

  it.each([10, -10])('learns where missing values belong (their target is %p)', (level) => {
    const gappy = a.map((v, i) => (i % 3 === 0 ? NaN : v));
    const target = gappy.map((v) => (Number.isNaN(v) ? level : v));
    const booster = trainBooster(columns({ gappy }), target, null, params({ trees: 100 }));
    const [missing, infinite, low, high] = predictBooster(booster, columns({ gappy: [NaN, Infinity, 0.1, 0.9] }));
    expect(missing).toBeCloseTo(level, 1);
    expect(infinite).toBe(missing);
    expect(low).toBeCloseTo(0.1, 1);
    expect(high).toBeCloseTo(0.9, 1);
  });

  it('follows the rows with weight and is blind to the scale of the weights', () => {
    const target = a.map((_, i) => (i % 2 === 0 ? 1 : 5));
    const weight = a.map((_, i) => (i % 2 === 0 ? 3 : 1));
    const predict = (scale: number): Float32Array =>
      predictBooster(
        trainBooster(
          columns({ noise }),
          target,
          weight.map((w) => w * scale),
          params({ trees: 5 }),
        ),
        columns({ noise: [0.5] }),
      );
    expect(predict(1)[0]).toBeCloseTo(2, 0);
    expect(predict(1024)).toEqual(predict(1));
    const quantile = params({ loss: { kind: 'pinball', quantile: 0.6 }, trees: 5 });
    expect(
      predictBooster(trainBooster(columns({ noise }), target, weight, quantile), columns({ noise: [0.5] }))[0],
    ).toBe(1);
  });

  it('is the same to the bit for a seed, alone or beside other losses, and differs for another seed', () => {
    const sampled = params({ featureFraction: 0.7, rowFraction: 0.5, loss: { kind: 'tweedie', power: 1.3 } });
    const alone = trainBooster(data, counts, null, sampled);
    const [, together] = trainBoosters(data, counts, null, [
      params({ loss: { kind: 'pinball', quantile: 0.9 } }),
      sampled,
    ]);
    expect(together).toEqual(alone);
    expect(trainBooster(data, counts, null, { ...sampled, seed: 2 }).forest.value).not.toEqual(alone.forest.value);
  });

  it.each([
    { kind: 'squared' },
    { kind: 'pinball', quantile: 0.8 },
    { kind: 'poisson' },
    { kind: 'tweedie', power: 1.4 },
    { kind: 'binary' },
  ] as const)('is the same to the bit without WebAssembly for $kind', (loss) => {
    const c = b.map((v) => Math.floor(v * 12));
    const d = a.map((v, i) => v + noise[i]);
    // Features go through the kernels by eights, fours and twos; here are four and one left over.
    const gappy = columns({ a: a.map((v, i) => (i % 5 === 0 ? NaN : v)), b, c, noise, d });
    const target = loss.kind === 'binary' ? counts.map((v) => (v > 1 ? 1 : 0)) : counts;
    for (const weight of [null, a]) {
      const wanted = params({ loss, trees: 4, rowFraction: 0.7, categorical: ['c'], lambdaL1: 0.1 });
      const plain = trainBooster(gappy, target, weight, wanted, { plain: true });
      expect(trainBooster(gappy, target, weight, wanted)).toEqual(plain);
    }
  });

  it('predicts probabilities with the binary loss', () => {
    const target = a.map((v, i) => (noise[i] < (v > 0.5 ? 0.9 : 0.2) ? 1 : 0));
    const { baseScore, forest } = trainBooster(
      columns({ a }),
      target,
      null,
      params({ loss: { kind: 'binary' }, maxLeaves: 2 }),
    );
    const rate = mean(target);
    expect(baseScore).toBeCloseTo(Math.log(rate / (1 - rate)), 5);
    let low = baseScore;
    for (let t = 0; t < 75; t++) low += forest.value[forest.left[forest.treeStart[t]]];
    expect(1 / (1 + Math.exp(-low))).toBeGreaterThan(0.15);
    expect(1 / (1 + Math.exp(-low))).toBeLessThan(0.25);
  });

  it('separates categories that no threshold can, and sends unseen ones with the rest', () => {
    const shop = a.map((v) => Math.floor(v * 40));
    const high = (code: number): boolean => (code * 7) % 40 < 13;
    const target = shop.map((code) => (high(code) ? 5 : 1));
    const shops = columns({ shop });
    const wanted = params({ categorical: ['shop'], trees: 60, maxLeaves: 3 });
    const booster = trainBooster(shops, target, null, wanted);
    const predicted = predictBooster(booster, columns({ shop: [0, 1, 2, 3, 39, 900, NaN] }));
    expect(booster.forest.categoryAt[0]).toBeGreaterThanOrEqual(0);
    [0, 1, 2, 3, 39].forEach((code, i) => expect(predicted[i]).toBeCloseTo(high(code) ? 5 : 1, 1));
    expect(predicted[5]).toBe(predicted[6]);
    expect(() => trainBooster(columns({ shop: [0.5, 1] }), Float32Array.of(1, 2), null, wanted)).toThrow(
      /feature shop/,
    );
  });

  it('groups categories by their mean target where there are more than bins', () => {
    const shop = Float32Array.from({ length: 8000 }, (_, i) => (i * 13) % 1000);
    const level = (code: number): number => (code * 37) % 11;
    const target = shop.map(level);
    const data = { names: ['shop'], columns: [shop], rowCount: shop.length };
    const wanted = params({ categorical: ['shop'], maxBins: 32, trees: 200, maxLeaves: 12 });
    const predicted = predictBooster(trainBooster(data, target, null, wanted), data);
    predicted.forEach((value, i) => expect(Math.abs(value - target[i])).toBeLessThan(1));
    const unseen = predictBooster(trainBooster(data, target, null, wanted), columns({ shop: [2000, NaN] }));
    expect(unseen[0]).toBe(unseen[1]);
  });

  it('never falls where it must rise', () => {
    const target = a.map((v, i) => Math.sin(9 * v) + 2 * b[i] + noise[i]);
    for (const [kind, direction] of [
      ['squared', 1],
      ['squared', -1],
      ['poisson', 1],
    ] as const) {
      const wanted = params({ loss: { kind }, monotone: { a: direction }, trees: 40 });
      const booster = trainBooster(
        data,
        target.map((v) => v + 1),
        null,
        wanted,
      );
      for (let i = 0; i < 30; i++) {
        const steps = Array.from({ length: 101 }, (_, k) => k / 100);
        const line = predictBooster(
          booster,
          columns({ a: steps, b: steps.map(() => b[i]), noise: steps.map(() => noise[i]) }),
        );
        for (let k = 1; k <= 100; k++) expect((line[k] - line[k - 1]) * direction).toBeGreaterThanOrEqual(0);
      }
    }
    expect(() => trainBooster(data, target, null, params({ monotone: { other: 1 } }))).toThrow(/monotone names other/);
  });

  it('ends when the validation set stops gaining and keeps the best trees', () => {
    const target = a.map((v, i) => 3 * v + 4 * (noise[i] - 0.5));
    const some = columns({ a: a.subarray(0, 500), b: b.subarray(0, 500) });
    const held = columns({ a: a.subarray(3000), b: b.subarray(3000) });
    const validation = { data: held, target: target.subarray(3000) };
    const wanted = params({ trees: 300, earlyStoppingRounds: 10 });
    const stopped = trainBooster(some, target.subarray(0, 500), null, wanted, { validation });
    expect(stopped.params.trees).toBeLessThan(200);
    expect(stopped.forest.treeStart).toHaveLength(stopped.params.trees + 1);
    const full = trainBooster(some, target.subarray(0, 500), null, params({ trees: 300 }));
    const error = (booster: typeof full): number => squaredError(predictBooster(booster, held), validation.target);
    expect(error(stopped)).toBeLessThan(error(full));
  });

  it('honours depth, minimum hessian and minimum gain', () => {
    const depthOf = (
      { left, right, feature }: { left: Int32Array; right: Int32Array; feature: Int32Array },
      at: number,
    ): number =>
      feature[at] < 0
        ? 0
        : 1 + Math.max(depthOf({ left, right, feature }, left[at]), depthOf({ left, right, feature }, right[at]));
    const fit = (over: Partial<BoosterParams>) => trainBooster(data, curve, null, params({ trees: 1, ...over })).forest;
    expect(depthOf(fit({ maxDepth: 3 }), 0)).toBe(3);
    expect(Math.min(...fit({ minHessianPerLeaf: 700 }).cover)).toBeGreaterThanOrEqual(700);
    const { gain, feature } = fit({ minGain: 300 });
    expect(Math.min(...gain.filter((_, node) => feature[node] >= 0))).toBeGreaterThan(300);
    expect(fit({ minGain: 300 }).gain.length).toBeLessThan(fit({}).gain.length);
  });

  it('keeps the same model when every weight is the same', () => {
    const equal = new Float32Array(rows).fill(7);
    expect(trainBooster(data, curve, equal, params({}))).toEqual(trainBooster(data, curve, null, params({})));
  });

  it('honours the limits on leaves and rows per leaf', () => {
    const { forest } = trainBooster(data, curve, null, params({ trees: 3, maxLeaves: 8, minRowsPerLeaf: 500 }));
    for (let t = 0; t < 3; t++) {
      const nodes = Array.from(
        { length: forest.treeStart[t + 1] - forest.treeStart[t] },
        (_, i) => forest.treeStart[t] + i,
      );
      const leaves = nodes.filter((node) => forest.feature[node] < 0);
      expect(leaves.length).toBeGreaterThan(1);
      expect(leaves.length).toBeLessThanOrEqual(8);
      expect(Math.min(...leaves.map((node) => forest.cover[node]))).toBeGreaterThanOrEqual(500);
      expect(leaves.reduce((sum, node) => sum + forest.cover[node], 0)).toBe(rows);
    }
  });

  it.each(['squared', 'poisson', 'tweedie', 'pinball'] as const)(
    'predicts a constant target exactly with %s',
    (kind) => {
      const loss = kind === 'tweedie' ? { kind, power: 1.2 } : kind === 'pinball' ? { kind, quantile: 0.9 } : { kind };
      for (const level of [0, 0.1, 7]) {
        const target = new Float32Array(rows).fill(level);
        const predicted = predictBooster(trainBooster(data, target, null, params({ loss, trees: 10 })), data);
        expect(Math.max(...predicted.map((p) => Math.abs(p - level)))).toBeLessThan(1e-6);
      }
    },
  );

  it('copes with a single row, an all-missing feature and no feature that varies', () => {
    const one = columns({ a: [3], empty: [NaN] });
    expect(predictBooster(trainBooster(one, Float32Array.of(4), null, params({})), one)[0]).toBe(4);
    const still = columns({ a: new Float32Array(50).fill(2), empty: new Float32Array(50).fill(NaN) });
    const target = Float32Array.from({ length: 50 }, (_, i) => i % 2);
    expect(predictBooster(trainBooster(still, target, null, params({})), still)[0]).toBeCloseTo(0.5, 6);
  });

  it('stays finite for huge, tiny and wildly spread targets', () => {
    const wild = a.map((v, i) => (i % 100 === 0 ? 1e30 : v < 0.5 ? 0 : 1e-30));
    for (const loss of [{ kind: 'squared' }, { kind: 'poisson' }, { kind: 'tweedie', power: 1.9 }] as const) {
      const predicted = predictBooster(trainBooster(data, wild, null, params({ loss })), data);
      expect(predicted.every((p) => Number.isFinite(p))).toBe(true);
    }
  });

  it('stops when told to', () => {
    const seen: number[] = [];
    const stopAfterThree = (done: number, total: number): boolean => {
      seen.push(done);
      expect(total).toBe(75);
      return done < 3;
    };
    expect(() => trainBooster(data, curve, null, params({}), stopAfterThree)).toThrow(CancelledError);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('names the input that cannot be used', () => {
    const bad =
      (over: Partial<BoosterParams>): (() => unknown) =>
      () =>
        trainBooster(data, curve, null, params(over));
    expect(bad({ maxBins: 256 })).toThrow(/maxBins/);
    expect(bad({ loss: { kind: 'tweedie', power: 2 } })).toThrow(/loss.power/);
    expect(bad({ loss: { kind: 'poisson' } })).toThrow(/target\[\d+\] must not be negative/);
    expect(() =>
      trainBooster(
        data,
        curve.map(() => NaN),
        null,
        params({}),
      ),
    ).toThrow(/target\[0\] must be finite/);
    expect(() =>
      trainBooster(
        data,
        curve,
        curve.map(() => 0),
        params({}),
      ),
    ).toThrow(/weight/);
    expect(() => trainBooster(columns({ a: [] }), Float32Array.of(), null, params({}))).toThrow(InvalidInputError);
    const booster = trainBooster(data, curve, null, params({ trees: 1 }));
    expect(() => predictBooster(booster, columns({ a: [1], b: [1] }))).toThrow(/noise/);
  });
});
