import { describe, expect, it } from '@jest/globals';
import { QUANTILE_LEVELS } from '../../engine/index.ts';
import { JudgedDay, measure, measureByHorizon } from './measures.ts';

const day = (horizon: number, actual: number, mean: number, p10: number, p90: number): JudgedDay => ({
  date: `2025-01-${String(horizon).padStart(2, '0')}`,
  horizon,
  actual,
  mean,
  seasonalNaive: 4,
  p10,
  p90,
  quantiles: QUANTILE_LEVELS.map(() => 3),
});
const days = [day(1, 2, 3, 1, 4), day(2, 0, 1, 0, 2), day(8, 6, 4, 2, 5), day(30, 4, 4, 3, 5)];

describe('measures', () => {
  it('agrees with figures worked out by hand', () => {
    const result = measure(days, { meanAbsolute: 2, meanSquared: 6 });
    expect(result).toMatchObject({ count: 4, mae: 1, mape_zero_actuals: 1, bias: 0, coverage: 0.75, mase: 0.5 });
    expect(result.rmse).toBeCloseTo(Math.sqrt(1.5), 12);
    expect(result.rmsse).toBeCloseTo(0.5, 12);
    expect(result.wape).toBeCloseTo(4 / 12, 12);
    expect(result.mape).toBeCloseTo((100 * (0.5 + 1 / 3 + 0)) / 3, 10);
    expect(result.seasonal_naive_wape).toBeCloseTo((2 + 4 + 2 + 0) / 12, 12);
    const p90 = result.pinball.find(({ quantile }) => quantile === 0.9);
    expect(p90?.loss).toBeCloseTo((0.1 * 1 + 0.1 * 3 + 0.9 * 3 + 0.9 * 1) / 4, 12);
  });

  it('leaves undefined what has nothing to divide by', () => {
    const result = measure([day(1, 0, 1, 0, 2)], { meanAbsolute: null, meanSquared: 0 });
    expect(result).toMatchObject({ mape: null, wape: null, bias: null, mase: null, rmsse: null, mae: 1 });
  });

  it('splits the horizon into weeks and leaves out those without a day', () => {
    const buckets = measureByHorizon(days, { meanAbsolute: 2, meanSquared: 6 });
    expect(buckets.map(({ from_day, to_day, count }) => [from_day, to_day, count])).toEqual([
      [1, 7, 2],
      [8, 14, 1],
      [29, 30, 1],
    ]);
  });
});
