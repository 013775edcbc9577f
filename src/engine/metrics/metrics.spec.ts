import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import * as metrics from './index.ts';

const insample = [10, 12, 9, 14, 11, 13, 10, 15, 12, 14, 11, 16, 13, 15];
const y = [12, 0, 14, 10, 20];
const f = [11, 2, 12, 12, 16];
const p10 = [7, 0, 8, 8, 10];
const p90 = [16, 6, 17, 17, 22];

describe('point measures on the worked example', () => {
  it.each([
    ['MAE', metrics.mae(y, f), 2.2],
    ['RMSE', metrics.rmse(y, f), 2.408319],
    ['R2', metrics.r2(y, f), 0.863722],
    ['WAPE', metrics.wape(y, f), 0.1964286],
    ['MAPE', metrics.mape(y, f).percent, 15.654762],
    ['sMAPE', metrics.smape(y, f), 52.896862],
    ['MASE(1)', metrics.mase(y, f, insample, 1), 0.697561],
    ['MASE(7)', metrics.mase(y, f, insample, 7), 0.669565],
    ['RMSSE', metrics.rmsse(y, f, insample), 0.72111],
    ['bias', metrics.bias(y, f), -0.0535714],
    ['tracking signal', metrics.trackingSignal(y, f), 1.363636],
    ['pinball .1', metrics.pinball(y, p10, 0.1), 0.46],
    ['pinball .5', metrics.pinball(y, f, 0.5), 1.1],
    ['pinball .9', metrics.pinball(y, p90, 0.9), 0.44],
    ['wQL .1', metrics.weightedQuantileLoss(y, p10, 0.1), 0.0821429],
    ['wQL .5', metrics.weightedQuantileLoss(y, f, 0.5), 0.1964286],
    ['wQL .9', metrics.weightedQuantileLoss(y, p90, 0.9), 0.0785714],
    ['SPL', metrics.scaledPinballLoss(y, [p10, f, p90], [0.1, 0.5, 0.9], insample), 0.2113821],
    ['coverage', metrics.coverage(y, p10, p90), 1],
    ['width', metrics.intervalWidth(p10, p90), 9],
  ])('%s', (_name, value, expected) => {
    expect(value).toBeCloseTo(expected, 6);
  });

  it('counts the zero actuals MAPE leaves out', () => {
    expect(metrics.mape(y, f).excluded).toBe(1);
  });

  it('charges Winkler for the distance outside, ten times at 80 %', () => {
    expect(metrics.winkler([5, 12, 0], [4, 4, 4], [8, 8, 8], 0.2)).toBeCloseTo((4 + (4 + 40) + (4 + 40)) / 3, 12);
  });

  it('starts the RMSSE scale at the first non-zero sale', () => {
    expect(metrics.naiveSquaredError([0, 0, 3, 5, 3])).toBe(4);
    expect(metrics.rmsse([4], [0], [0, 0, 3, 5, 3])).toBe(2);
  });

  it('takes value added as error before minus error after', () => {
    expect(metrics.forecastValueAdded(0.4, 0.3)).toBeCloseTo(0.1, 12);
    expect(metrics.forecastValueAdded(null, 0.3)).toBeNull();
  });

  it('drops undefined series with their weight', () => {
    expect(metrics.weightedScore([1, null, 4], [1, 5, 2])).toBe(3);
    expect(metrics.weightedScore([null], [1])).toBeNull();
  });
});

describe('further measures', () => {
  it('WAPE is the weighted quantile loss of the median, whatever the numbers', () => {
    const rng = createRng(3);
    for (let round = 0; round < 20; round++) {
      const actual = Array.from({ length: 30 }, () => Math.floor(rng() * 6));
      const forecast = actual.map(() => rng() * 6);
      expect(metrics.weightedQuantileLoss(actual, forecast, 0.5)).toBeCloseTo(
        metrics.wape(actual, forecast) ?? NaN,
        12,
      );
    }
  });

  it('smooths the tracking signal', () => {
    // Errors 1, −2, 2 at 0.5: the error goes .5, −.75, .625 and the size .5, 1.25, 1.625.
    expect(metrics.smoothedTrackingSignal([3, 1, 4], [2, 3, 2], 0.5)).toBeCloseTo(0.625 / 1.625, 12);
    expect(metrics.smoothedTrackingSignal([5, 6, 7], [4, 4, 4])).toBeCloseTo(1, 12);
    expect(metrics.smoothedTrackingSignal([5], [5])).toBeNull();
  });

  it('takes CRPS from quantiles: MAE for a point, the known value for a uniform forecast', () => {
    expect(metrics.quantileCrps([3, 5], [[4, 4]], [0.5])).toBeCloseTo(1, 12);
    const levels = Array.from({ length: 999 }, (_, k) => (k + 1) / 1000);
    // Of U(0, 1) at y: y² − y + 1/3.
    const score = metrics.quantileCrps(
      [0.2],
      levels.map((level) => [level]),
      levels,
    );
    expect(score).toBeCloseTo(0.04 - 0.2 + 1 / 3, 4);
  });

  describe('randomised transforms of a count', () => {
    const rng = createRng(11);
    const values = [0, 1, 2, 3];
    const cumulated = [0.6, 0.85, 0.95, 1];
    const outcomes = Array.from({ length: 20000 }, () => {
      const u = rng();
      return values[cumulated.findIndex((bound) => u < bound)];
    });
    const quantileAt = (level: number) => values[cumulated.findIndex((bound) => level <= bound)];

    it('cover the nominal share where closed intervals cover more', () => {
      const pit = metrics.randomisedPit(
        outcomes.map((y) => (y === 0 ? 0 : cumulated[y - 1])),
        outcomes.map((y) => cumulated[y]),
        rng,
      );
      for (const nominal of [0.5, 0.8, 0.95])
        expect(Math.abs((metrics.pitCoverage(pit, nominal) ?? NaN) - nominal)).toBeLessThan(0.01);
      const bound = (level: number) => outcomes.map(() => quantileAt(level));
      expect(metrics.coverage(outcomes, bound(0.25), bound(0.75))).toBeGreaterThan(0.8);
    });

    it('come near from a dense set of quantiles', () => {
      const levels = Array.from({ length: 199 }, (_, k) => (k + 1) / 200);
      const pit = metrics.quantilePit(
        outcomes,
        levels.map((level) => outcomes.map(() => quantileAt(level))),
        levels,
        rng,
      );
      expect(Math.abs((metrics.pitCoverage(pit, 0.8) ?? NaN) - 0.8)).toBeLessThan(0.015);
    });

    it('interpolate between continuous quantiles and draw beyond them', () => {
      const quantiles = [
        [2, 2, 2, 2],
        [4, 4, 4, 4],
        [8, 8, 8, 8],
      ];
      const [inside, at, under, over] = metrics.quantilePit([6, 4, 1, 9], quantiles, [0.1, 0.5, 0.9], rng);
      expect(inside).toBeCloseTo(0.7, 12);
      expect(at).toBeCloseTo(0.5, 12);
      expect(under).toBeLessThanOrEqual(0.1);
      expect(over).toBeGreaterThanOrEqual(0.9);
      expect(metrics.pitCoverage([], 0.5)).toBeNull();
    });
  });
});

describe('undefined measures are null', () => {
  it.each([
    ['no observation', metrics.mae([], [])],
    ['nothing sold: WAPE', metrics.wape([0, 0], [1, 1])],
    ['nothing sold: MAPE', metrics.mape([0], [1]).percent],
    ['nothing sold: wQL', metrics.weightedQuantileLoss([0], [1], 0.5)],
    ['nothing sold: bias', metrics.bias([0], [1])],
    ['constant actual: R2', metrics.r2([3, 3], [3, 2])],
    ['constant history: MASE', metrics.mase([3], [2], [5, 5, 5], 1)],
    ['short history: MASE', metrics.mase([3], [2], [5, 6], 7)],
    ['no sale in history: RMSSE', metrics.rmsse([3], [2], [0, 0, 0])],
    ['perfect forecast: tracking signal', metrics.trackingSignal([3], [3])],
    ['empty: coverage', metrics.coverage([], [], [])],
  ])('%s', (_name, value) => {
    expect(value).toBeNull();
  });
});

describe('AccuracyAccumulator', () => {
  const summary = new metrics.AccuracyAccumulator().add(y, f, p10, f, p90).summary();

  it('agrees with the measures taken directly', () => {
    expect(summary.count).toBe(5);
    expect(summary.mae).toBeCloseTo(2.2, 12);
    expect(summary.rmse).toBeCloseTo(2.408319, 6);
    expect(summary.r2).toBeCloseTo(0.863722, 6);
    expect(summary.mape).toBeCloseTo(15.654762, 6);
    expect(summary.mapeExcluded).toBe(1);
    expect(summary.wape).toBeCloseTo(0.1964286, 6);
    expect(summary.smape).toBeCloseTo(52.896862, 6);
    expect(summary.bias).toBeCloseTo(-0.0535714, 6);
    expect(summary.trackingSignal).toBeCloseTo(1.363636, 6);
    expect(summary.wql10).toBeCloseTo(0.0821429, 6);
    expect(summary.wql50).toBeCloseTo(summary.wape ?? NaN, 12);
    expect(summary.wql90).toBeCloseTo(0.0785714, 6);
    expect(summary.coverage80).toBe(1);
    expect(summary.winkler80).toBe(metrics.winkler(y, p10, p90, 0.2));
  });

  it('merges parts into the whole', () => {
    const part = (from: number, to: number): metrics.AccuracyAccumulator =>
      new metrics.AccuracyAccumulator().add(
        y.slice(from, to),
        f.slice(from, to),
        p10.slice(from, to),
        f.slice(from, to),
        p90.slice(from, to),
      );
    const merged = part(0, 0).merge(part(0, 2)).merge(part(2, 5)).summary();
    for (const [name, value] of Object.entries(summary)) {
      expect(merged[name as keyof metrics.AccuracySummary]).toBeCloseTo(value as number, 12);
    }
  });

  it('skips unknown actuals and is null when empty', () => {
    const empty = new metrics.AccuracyAccumulator().add(Float32Array.of(NaN), [1], [1], [1], [1]).summary();
    expect(empty.count).toBe(0);
    expect(empty.wape).toBeNull();
    expect(empty.coverage80).toBeNull();
  });
});
