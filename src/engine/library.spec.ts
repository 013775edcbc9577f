import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../test/support/demand-panels.ts';
import {
  AdditiveModel,
  buildCalendar,
  CALENDAR_PARTS,
  classifyDemand,
  conformalRank,
  createSamplePaths,
  independentErrors,
  learnCommonErrors,
  observedDays,
  quantilesOfSums,
  sliceOf,
  trainForecaster,
} from './index.ts';

describe('the library from its door', () => {
  const panel = demandPanel({
    products: 6,
    locations: 2,
    days: 200,
    mean: (p, l, d) => (1 + p) * (1 + l) * (d % 7 === 5 ? 2 : 1),
  });
  const { forecast, holdOut } = trainForecaster(panel, [], { budget: 'quick', horizon: 14, holdOutPeriods: 28 });
  const { horizon, levels, quantiles, mean } = forecast;
  const everything = [{ nodeOf: new Int32Array(panel.seriesCount), count: 1 }];
  const errors = holdOut
    ? learnCommonErrors([{ ...holdOut.forecast, actual: holdOut.actual }], everything)
    : independentErrors(1);
  const paths = createSamplePaths({ ...forecast, groups: everything, errors, paths: 4000, seed: 1 });

  it('draws paths whose marginals have the quantiles and the means of the forecast', () => {
    const drawn = new Float32Array(horizon * paths.paths);
    let total = 0;
    for (let row = 0; row < panel.seriesCount; row++) {
      paths.fill(row, drawn);
      for (let h = 0; h < horizon; h++) {
        const values = drawn
          .subarray(h * paths.paths, (h + 1) * paths.paths)
          .slice()
          .sort();
        total += values.reduce((sum, value) => sum + value, 0) / paths.paths / mean[row * horizon + h];
        levels.forEach((level, q) => {
          const wanted = quantiles[q][row * horizon + h];
          // The level lies between the neighbours of its rank.
          const at = level * paths.paths;
          expect(values[Math.floor(at) - 1]).toBeLessThanOrEqual(wanted + 1e-4);
          expect(values[Math.ceil(at)]).toBeGreaterThanOrEqual(wanted - 1e-4);
        });
      }
    }
    // A quantile function through given quantiles cannot have every mean.
    expect(Math.abs(total / panel.seriesCount / horizon - 1)).toBeLessThan(0.02);
  });

  it('forecasts a week of everything: means add up, quantiles do not', () => {
    const rows = [...forecast.seriesIndices];
    const week = quantilesOfSums(paths, [{ rows, from: 0, to: 7 }], [0.1, 0.5, 0.9]);
    const add = (values: Float32Array) =>
      rows.reduce((sum, row) => sum + values.subarray(row * horizon, row * horizon + 7).reduce((a, b) => a + b, 0), 0);
    expect(week.mean[0] / add(mean)).toBeCloseTo(1, 1);
    expect(week.quantiles[2][0]).toBeLessThan(add(quantiles[levels.indexOf(0.9)]));
    expect(week.quantiles[0][0]).toBeGreaterThan(add(quantiles[levels.indexOf(0.1)]));
    expect(week.quantiles[0][0]).toBeLessThan(week.quantiles[1][0]);
  });

  it('offers the parts by themselves', () => {
    const observed = observedDays(panel);
    expect(classifyDemand(sliceOf(panel, observed, 11), 200).demandClass).toBe('smooth');
    expect(conformalRank(9, 0.2)).toBe(8);
    const calendar = buildCalendar(panel.startPeriod, panel.periodCount + 20, [], [], 'daily');
    const { mean: level, parts } = new AdditiveModel(panel, observed, calendar, 7).forecast(11);
    expect(parts).toHaveLength(CALENDAR_PARTS.length);
    level.forEach((value, h) => expect(parts.reduce((sum, part) => sum + part[h], 0)).toBeCloseTo(value, 3));
  });
});
