import { describe, expect, it } from '@jest/globals';
import { createRng, dayFromCivil, type Forecast, QUANTILE_LEVELS } from '../../engine/index.ts';
import { daysToCover, weeklyTotals } from './weekly-totals.ts';

/** Normal quantiles of `QUANTILE_LEVELS`. */
const Z = [-2.5758, -1.96, -1.2816, -0.9741, -0.6745, 0, 0.6745, 0.9741, 1.2816, 1.96, 2.5758];
const [LOW, HIGH] = [QUANTILE_LEVELS.indexOf(0.1), QUANTILE_LEVELS.indexOf(0.9)];
/** A Tuesday. */
const START = dayFromCivil(2025, 10, 7);

/** Days that are normal around `mean` with a standard deviation of `sd`. */
function daily(means: readonly number[], sd: number, horizon: number, inflation: number): Forecast {
  const mean = Float32Array.from({ length: means.length * horizon }, (_, i) => means[Math.floor(i / horizon)]);
  const quantiles = Z.map((z) => mean.map((value) => (value > 0 ? value + z * sd : 0)));
  const one = { mean, quantiles, dispersion: new Float32Array(means.length).fill(1) };
  return {
    ...one,
    startPeriod: START,
    horizon,
    seriesIndices: Int32Array.from(means.keys()),
    levels: QUANTILE_LEVELS,
    components: [{ name: 'only', mean }],
    sufficiency: new Uint8Array(means.length),
    ownWeight: new Float32Array(means.length).fill(1),
    segment: new Uint8Array(means.length),
    sumInflation: new Float32Array(horizon).fill(inflation),
    productTotals: { ...one, products: Int32Array.from(means.keys()) },
  };
}

describe('Whole weeks', () => {
  it('begin on the Monday after the last day of sales', () => {
    expect([0, 5, 6].map((later) => daysToCover(START + later, 8))).toEqual([62, 57, 56]);
    const weeks = weeklyTotals(daily([10, 0, 3], 1, 27, 1));
    expect(weeks).toMatchObject({ startPeriod: START + 6, horizon: 3 });
    expect(Array.from(weeks.mean)).toEqual([70, 70, 70, 0, 0, 0, 21, 21, 21]);
    expect(weeks.components[0].mean).toEqual(weeks.mean);
    expect(weeks.quantiles.map((values) => values[3])).toEqual(QUANTILE_LEVELS.map(() => 0));
    expect(weeklyTotals(daily([10], 1, 12, 1)).horizon).toBe(0);
  });

  it.each([
    ['alone', 1, Math.sqrt(7)],
    ['as measured on sums', 3, Math.sqrt(21)],
  ])('scatter as seven days do whose errors stand %s', (_, inflation, sd) => {
    const rows = 40;
    const weeks = weeklyTotals(daily(new Array<number>(rows).fill(100), 10, 27, inflation));
    const average = (level: number) => weeks.quantiles[level].reduce((sum, value) => sum + value, 0) / (rows * 3);
    // The mean over a hundred and twenty weeks of the same distribution.
    expect((average(HIGH) - 700) / (1.2816 * 10 * sd)).toBeCloseTo(1, 1);
    expect((700 - average(LOW)) / (1.2816 * 10 * sd)).toBeCloseTo(1, 1);
    expect(weeks.productTotals.quantiles).toEqual(weeks.quantiles);
    for (let level = 1; level < Z.length; level++)
      weeks.quantiles[level].forEach((value, i) => expect(value).toBeGreaterThanOrEqual(weeks.quantiles[level - 1][i]));
  });

  it('do not depend on which other series are forecast', () => {
    const rng = createRng(3);
    const means = Array.from({ length: 258 }, () => 1 + 20 * rng());
    const all = weeklyTotals(daily(means, 0.5, 13, 2));
    const few = weeklyTotals(daily(means.slice(0, 3), 0.5, 13, 2));
    expect(all.quantiles.map((values) => Array.from(values.subarray(0, 3)))).toEqual(
      few.quantiles.map((values) => Array.from(values)),
    );
  });
});
