import { describe, expect, it } from '@jest/globals';
import { QUANTILE_LEVELS, type Forecast, type Panel } from '../engine/index.ts';
import { scoreForecast } from './score-forecast.ts';
import { levelBaselineOf, m5ScoringLevels, scoreLevels } from './score-levels.ts';
import { baselineOf } from './score-point.ts';

const HISTORY = [10, 12, 9, 14, 11, 13, 10, 15, 12, 14, 11, 16, 13, 15];
const ACTUAL = [12, 0, 14, 10, 20];
const MEAN = [11, 2, 12, 12, 16];
const LOW = [7, 0, 8, 8, 10];
const HIGH = [16, 6, 17, 17, 22];

function panelOf(rows: readonly (readonly number[])[], overrides: Partial<Panel> = {}): Panel {
  const count = rows.length;
  const codes = Int32Array.from({ length: count }, (_, s) => s);
  return {
    frequency: 'daily',
    startPeriod: 19_000,
    periodCount: rows[0].length,
    seriesCount: count,
    sales: Float32Array.from(rows.flat()),
    price: null,
    promotion: null,
    inStock: null,
    product: codes,
    location: new Int32Array(count),
    category: new Int32Array(count),
    firstPeriod: new Int32Array(count),
    ...overrides,
  };
}

function forecastOf(
  means: readonly number[],
  low: readonly number[],
  high: readonly number[],
  horizon: number,
): Forecast {
  const count = means.length / horizon;
  const quantiles = QUANTILE_LEVELS.map((level) => Float32Array.from(level < 0.5 ? low : level > 0.5 ? high : means));
  return {
    startPeriod: 19_014,
    horizon,
    seriesIndices: Int32Array.from({ length: count }, (_, s) => s),
    levels: [...QUANTILE_LEVELS],
    mean: Float32Array.from(means),
    quantiles,
    components: [],
    sufficiency: new Uint8Array(count),
    ownWeight: new Float32Array(count).fill(1),
    segment: new Uint8Array(count),
    dispersion: new Float32Array(count),
    sumInflation: new Float32Array(horizon),
    productTotals: {
      products: Int32Array.from({ length: count }, (_, s) => s),
      mean: Float32Array.from(means),
      quantiles,
      dispersion: new Float32Array(count),
    },
  };
}

describe('scoreForecast', () => {
  const baseline = baselineOf(panelOf([HISTORY]), 5);
  const forecast = forecastOf(MEAN, LOW, HIGH, 5);

  it('gives the figures worked out by hand', () => {
    const score = scoreForecast(forecast, Float32Array.from(ACTUAL), baseline, 'daily');
    expect(score.wape).toBeCloseTo(0.1964286, 6);
    expect(score.bias).toBeCloseTo(-0.0535714, 6);
    expect(score.mae).toBeCloseTo(2.2, 6);
    expect(score.rmse).toBeCloseTo(2.408319, 5);
    expect(score.mase).toBeCloseTo(0.669565, 5);
    expect(score.mase1).toBeCloseTo(0.697561, 5);
    expect(score.rmsse).toBeCloseTo(0.72111, 5);
    expect(score.smape).toBeCloseTo(52.896862, 4);
    expect([score.mapeExcluded, score.count]).toEqual([1, 5]);
    expect(score.mape).toBeCloseTo(15.654762, 5);
    expect([score.pinball['q0.1'], score.pinball['q0.5'], score.pinball['q0.9']].map((x) => x?.toFixed(4))).toEqual([
      '0.4600',
      '1.1000',
      '0.4400',
    ]);
    expect([score.wql['q0.1'], score.wql['q0.5'], score.wql['q0.9']].map((x) => x?.toFixed(7))).toEqual([
      '0.0821429',
      '0.1964286',
      '0.0785714',
    ]);
    expect(score.intervals['80']).toEqual({ coverage: 1, width: 9, winkler: 9 });
    // The last seven days begin with 15, 12, 14, 11, 16.
    expect(score.seasonalNaive.mae).toBeCloseTo((3 + 12 + 0 + 1 + 4) / 5, 6);
    expect(score.valueAdded).toBeCloseTo((20 - 11) / 56, 6);
  });

  it('leaves unknown periods out and splits the horizon', () => {
    const actual = Float32Array.from([12, NaN, 14, 10, 20, 1, 2, 3, 4, 5]);
    const longer = forecastOf([...MEAN, ...MEAN], [...LOW, ...LOW], [...HIGH, ...HIGH], 10);
    const score = scoreForecast(longer, actual, baselineOf(panelOf([HISTORY]), 10), 'daily');
    expect(score.byHorizon.map(({ from, to, count }) => [from, to, count])).toEqual([
      [1, 7, 6],
      [8, 10, 3],
    ]);
    expect(score.byHorizon[1].mae).toBeCloseTo((9 + 8 + 11) / 3, 6);
    expect(() => scoreForecast(longer, new Float32Array(10).fill(NaN), baseline, 'daily')).toThrow(RangeError);
  });
});

describe('scoreLevels', () => {
  // Two items in two stores of two states.
  const rows = [HISTORY, HISTORY.map((y) => y * 2), HISTORY.map((y, t) => (t * y) % 5), HISTORY.map((_, t) => t % 3)];
  const panel = panelOf(rows, {
    product: Int32Array.of(0, 1, 0, 1),
    location: Int32Array.of(0, 0, 1, 1),
    attributes: [
      { name: 'cat', of: 'product', codes: Int32Array.of(0, 1, 0, 1) },
      { name: 'state', of: 'place', codes: Int32Array.of(0, 0, 1, 1) },
    ],
  });

  it('names twelve levels with their nodes', () => {
    const counts = m5ScoringLevels(panel).map(({ count }) => count);
    expect(counts).toEqual([1, 2, 2, 2, 1, 4, 2, 4, 2, 2, 4, 4]);
  });

  it('is nothing for a perfect forecast and the weighted RMSSE for another', () => {
    const actual = Float32Array.from([...ACTUAL, ...MEAN, ...LOW, ...HIGH]);
    const base = levelBaselineOf(panel);
    const perfect = { ...forecastOf([...actual], [...actual], [...actual], 5) };
    expect(scoreLevels(perfect, actual, actual, base).wrmsse).toBe(0);
    const means = [...MEAN, ...ACTUAL, ...HIGH, ...LOW];
    const { byLevel, wrmsse, wspl, seasonalNaiveWrmsse } = scoreLevels(
      forecastOf(means, means, means, 5),
      actual,
      baselineOf(panel, 5).naive,
      base,
    );
    const total = HISTORY.map((_, t) => rows.reduce((sum, row) => sum + row[t], 0));
    const steps = total.slice(1).map((y, t) => (y - total[t]) ** 2);
    const sums = (values: ArrayLike<number>) =>
      Array.from({ length: 5 }, (_, h) => values[h] + values[5 + h] + values[10 + h] + values[15 + h]);
    const errors = sums(actual).map((y, h) => (y - sums(means)[h]) ** 2);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(byLevel[0].wrmsse).toBeCloseTo(Math.sqrt(mean(errors) / mean(steps)), 6);
    expect(wrmsse).toBeCloseTo(mean(byLevel.map((level) => level.wrmsse ?? NaN)), 10);
    expect(wspl).toBeGreaterThan(0);
    expect(seasonalNaiveWrmsse).toBeGreaterThan(0);
  });
});
