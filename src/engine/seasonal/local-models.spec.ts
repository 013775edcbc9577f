import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CAP_FACTOR, historyOf, type LocalSeries } from './history.ts';
import { LOCAL_MODELS, LOCAL_SEASONS, LOCAL_YEAR, localModelsWith, type LocalModel } from './local-models.ts';
import { isSeasonal, seasonallyAdjusted, seasonShape, shrinkShape } from './season-shape.ts';
import { forecastShortHistory } from './short-history.ts';
import { decomposeAdditive, STRUCTURAL_PARTS } from './structural.ts';

function seriesOf(values: readonly number[]): LocalSeries {
  return {
    values,
    observed: Uint8Array.from(values, (value) => (value === value ? 1 : 0)),
    offset: 0,
    first: 0,
    end: values.length,
  };
}

function ask(model: LocalModel, values: readonly number[], seasons: readonly number[], horizon: number): number[] {
  const out = new Float32Array(horizon);
  model(seriesOf(values), seasons, horizon, out, 0);
  return [...out];
}

const wasm = readFileSync(
  createRequire(import.meta.url)
    .resolve('@bsull/augurs/mstl')
    .replace(/\.js$/, '_bg.wasm'),
);
const sine = (t: number, season: number) => Math.sin((2 * Math.PI * t) / season);

describe('reference models', () => {
  it('repeat the last value, the line, the season and the mean of seasons', () => {
    const values = [9, 1, 2, 3, 5, 2, 3, 4, 6, 3, 4, 5];
    expect(ask(LOCAL_MODELS.naive, values, [4], 2)).toEqual([5, 5]);
    expect(ask(LOCAL_MODELS.seasonal_naive, values, [4], 5)).toEqual([6, 3, 4, 5, 6]);
    const means = ask(LOCAL_MODELS.season_mean, values, [4], 2);
    expect(means[0]).toBeCloseTo(20 / 3, 5);
    expect(means[1]).toBe(2);
    expect(ask(LOCAL_MODELS.drift, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [1], 3)).toEqual([12, 13, 14]);
  });
  it('reach back over gaps', () => {
    expect(ask(LOCAL_MODELS.seasonal_naive, [5, 6, 7, NaN], [2], 3)).toEqual([7, 6, 7]);
    expect(ask(LOCAL_MODELS.naive, [5, 6, 7, NaN], [2], 1)).toEqual([7]);
  });
});

describe('season shape', () => {
  const history = historyOf(seriesOf(Array.from({ length: 60 }, (_, t) => [10, 20, 30][t % 3])), 100);
  it('finds factors and units of an odd season', () => {
    [0.5, 1, 1.5].forEach((factor, p) =>
      expect(seasonShape(history, 3, 'multiplicative').index[p]).toBeCloseTo(factor, 6),
    );
    [-10, 0, 10].forEach((units, p) => expect(seasonShape(history, 3, 'additive').index[p]).toBeCloseTo(units, 6));
    seasonallyAdjusted(history, seasonShape(history, 3, 'multiplicative')).forEach((value) =>
      expect(value).toBeCloseTo(20, 5),
    );
  });
  it('keeps all of a certain season and nothing of chance', () => {
    const certain = seasonShape(history, 3, 'additive');
    expect(isSeasonal(certain)).toBe(true);
    expect(shrinkShape(certain).index[2]).toBeCloseTo(10, 3);
    const none = seasonShape(history, 7, 'additive');
    expect(isSeasonal(none)).toBe(false);
    shrinkShape(none).index.forEach((units) => expect(Math.abs(units)).toBeLessThan(1.5));
  });
});

describe('theta', () => {
  it('continues a line with at least half and at most its whole slope', () => {
    const values = Array.from({ length: 60 }, (_, t) => 50 + 2 * t);
    const found = ask(LOCAL_MODELS.theta, values, [1], 20);
    const slope = (found[19] - found[0]) / 19;
    expect(slope).toBeGreaterThan(0.99);
    expect(slope).toBeLessThanOrEqual(2.01);
    expect(found[0]).toBeGreaterThan(165);
    expect(found[0]).toBeLessThan(172);
  });
  it('adjusts for the season', () => {
    const values = Array.from({ length: 140 }, (_, t) => 10 + 5 * sine(t, 7));
    ask(LOCAL_MODELS.theta, values, [7], 7).forEach((value, h) => expect(value).toBeCloseTo(10 + 5 * sine(h, 7), 0));
  });
});

describe('additive model at any frequency', () => {
  it.each([
    ['hourly', 168 * 5, 168],
    ['daily', 760, 28],
    ['weekly', 160, 26],
    ['monthly', 60, 12],
  ] as const)('finds %s seasons, and its parts add up exactly', (frequency, length, horizon) => {
    const seasons = LOCAL_SEASONS[frequency];
    const mean = (t: number) =>
      100 + seasons.reduce((sum, season) => sum + 20 * sine(t, season), 0) + (20 * t) / length;
    const values = Array.from({ length }, (_, t) => mean(t));
    const {
      mean: found,
      parts,
      method,
    } = decomposeAdditive(seriesOf(values), seasons, horizon, {
      year: LOCAL_YEAR[frequency],
    });
    expect(method).toBe('additive');
    expect(parts).toHaveLength(STRUCTURAL_PARTS.length);
    for (let h = 0; h < horizon; h++) {
      expect(parts[3][h] + parts[2][h] + parts[1][h] + parts[0][h]).toBe(found[h]);
      expect(Math.abs(found[h] - mean(length + h))).toBeLessThan(9);
    }
  });

  it('books holidays of the future to their part', () => {
    const values = Array.from({ length: 60 }, (_, t) => 50 + (t % 12 === 11 ? 30 : 0));
    const holidays = Uint8Array.from({ length: 72 }, (_, t) => (t % 12 === 11 ? 4 : 0));
    const { parts } = decomposeAdditive(seriesOf(values), [], 12, { holidays });
    expect(parts[3][11]).toBeGreaterThan(15);
    expect(parts[3][10]).toBe(0);
  });
});

describe('multiple seasonal decomposition', () => {
  const { mstl } = localModelsWith(wasm);
  it('continues two seasons, over gaps too', () => {
    const mean = (t: number) => 100 + 30 * sine(t, 4) + 20 * sine(t, 12);
    const values = Array.from({ length: 96 }, (_, t) => (t % 17 === 5 ? NaN : mean(t)));
    ask(mstl, values, [4, 12], 12).forEach((value, h) => expect(Math.abs(value - mean(96 + h))).toBeLessThan(6));
  });
  it('gives way to exponential smoothing where a season was not seen three times', () => {
    const values = Array.from({ length: 40 }, (_, t) => 10 + (t % 3));
    const out = new Float32Array(3);
    expect(mstl(seriesOf(values), [20], 3, out, 0)).toBe('ets');
    expect(mstl(seriesOf(values.map(() => 0)), [3], 3, out, 0)).toBe('no_demand');
  });
});

describe('short history', () => {
  it('blends the own level with the category’s by the periods behind each', () => {
    // Own level 3 from two periods, prior 10 worth six: weight 2 / 8, level 3/4 + 30/4 = 8.25.
    const flat = { level: 10, shape: [1, 1], priorPeriods: 6 };
    const { mean, ownWeight } = forecastShortHistory(seriesOf([2, 4]), flat, 2);
    expect(ownWeight).toBe(0.25);
    expect([...mean]).toEqual([8.25, 8.25]);
  });
  it('frees the own level of the season and gives the season back', () => {
    // Three units on a day worth 1.5 mean: level 2.
    const { mean } = forecastShortHistory(seriesOf([3]), { level: 2, shape: [1.5, 0.5], priorPeriods: 1 }, 2);
    expect([...mean]).toEqual([1, 3]);
  });
  it('tells where one side is missing', () => {
    const prior = { level: 4, shape: [1], priorPeriods: 7 };
    expect(forecastShortHistory(seriesOf([]), prior, 1)).toEqual({ mean: Float64Array.of(4), ownWeight: 0 });
    expect(forecastShortHistory(seriesOf([6]), { ...prior, level: NaN }, 1)).toEqual({
      mean: Float64Array.of(6),
      ownWeight: 1,
    });
    expect(forecastShortHistory(seriesOf([]), { ...prior, level: NaN }, 1).mean[0]).toBe(0);
  });
});

describe('the registry', () => {
  it('hands the profile to the model for short histories', () => {
    const out = new Float32Array(3);
    const profile = { level: 10, shape: [1], priorPeriods: 6 };
    expect(LOCAL_MODELS.short_history(seriesOf([2, 4]), [7], 2, out, 1, { profile })).toBe('short_history');
    expect([...out]).toEqual([0, 8.25, 8.25]);
  });
  it('keeps a damaged profile out of the forecast', () => {
    for (const profile of [
      { level: Infinity, shape: [NaN, -1, 2], priorPeriods: -3 },
      { level: -4, shape: [0, 0], priorPeriods: NaN },
      { level: 4, shape: [], priorPeriods: NaN },
    ])
      for (const own of [[], [3, 0, 4]])
        for (const value of forecastShortHistory(seriesOf(own), profile, 5).mean) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(CAP_FACTOR * 4);
        }
  });
});

describe('cap', () => {
  it('holds a climbing line at twice the greatest value', () => {
    const values = Array.from({ length: 20 }, (_, t) => t);
    expect(Math.max(...ask(LOCAL_MODELS.drift, values, [1], 60))).toBe(CAP_FACTOR * 19);
  });
});
