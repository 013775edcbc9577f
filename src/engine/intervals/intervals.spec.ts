import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { QUANTILE_LEVELS, type Forecast } from '../pipeline/types.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import {
  calibrate,
  calibrateGroups,
  defaultCalibration,
  extendInflation,
  measuredDispersion,
  quantilesAround,
} from './calibration.ts';
import { conformalBound, conformalQuantile, conformalRank } from './conformal.ts';
import { historicDispersion } from './dispersion.ts';
import { sumDistribution } from './sums.ts';

describe('conformal ranks', () => {
  it('follow the finite-sample rule', () => {
    const sorted = [1, 1, 2, 3, 4, 5, 5, 6, 9];
    expect(conformalRank(9, 0.2)).toBe(8);
    expect(conformalBound(sorted, 0.2)).toBe(6);
    expect(conformalRank(9, 0.1)).toBe(9);
    expect(conformalBound(sorted, 0.1)).toBe(9);
    expect(conformalBound(sorted, 0.05)).toBe(Infinity);
    expect(conformalQuantile(sorted, 0.2)).toBe(1);
    expect(conformalQuantile(sorted, 0.01)).toBeNaN();
  });
});

/** Overdispersed counts: Poisson around a mean that itself varies by a common factor per row and by day. */
function sample(rows: number, horizon: number, seed: number, meanOf: (row: number) => number) {
  const rng = createRng(seed);
  const mean = new Float32Array(rows * horizon);
  const actual = new Float32Array(rows * horizon);
  for (let row = 0; row < rows; row++) {
    const level = 0.6 + 0.8 * rng();
    for (let h = 0; h < horizon; h++) {
      const i = row * horizon + h;
      mean[i] = meanOf(row);
      const limit = Math.exp(-mean[i] * level * (0.5 + rng()));
      for (let product = rng(); product > limit; product *= rng()) actual[i]++;
    }
  }
  return { mean, actual, dispersion: new Float32Array(rows).fill(1), horizon };
}

/** All rows in group 0. */
const ONE_GROUP = new Uint8Array(400);

function coverage(lower: Float32Array, upper: Float32Array, actual: Float32Array): number {
  return actual.reduce((inside, y, i) => inside + (y >= lower[i] && y <= upper[i] ? 1 : 0), 0) / actual.length;
}

describe('calibration', () => {
  const meanOf = (row: number) => 0.3 * 1.03 ** (row % 100);
  const calibration = calibrate(sample(400, 30, 1, meanOf));
  const fresh = sample(400, 30, 2, meanOf);
  const quantiles = quantilesAround([calibration], ONE_GROUP, fresh.mean, fresh.dispersion, 30);

  it.each([
    [0.1, 0.9, 0.8],
    [0.25, 0.75, 0.5],
    [0.025, 0.975, 0.95],
  ])('holds fresh outcomes between P%f and P%f at the nominal share', (low, high, nominal) => {
    const share = coverage(
      quantiles[QUANTILE_LEVELS.indexOf(low)],
      quantiles[QUANTILE_LEVELS.indexOf(high)],
      fresh.actual,
    );
    expect(Math.abs(share - nominal)).toBeLessThan(0.03);
  });

  it('tells groups apart that scatter differently', () => {
    const wild = sample(200, 30, 5, () => 4);
    const calm = { ...wild, actual: wild.mean.map((y, i) => y + (i % 5) * 0.1) };
    const both = (a: Float32Array, b: Float32Array) => Float32Array.from([...a, ...b]);
    const groupOf = Uint8Array.from({ length: 400 }, (_, row) => (row < 200 ? 0 : 1));
    const learned = calibrateGroups(
      {
        mean: both(wild.mean, calm.mean),
        actual: both(wild.actual, calm.actual),
        dispersion: new Float32Array(400).fill(1),
        horizon: 30,
      },
      groupOf,
      3,
    );
    const p90 = quantilesAround(learned, Uint8Array.of(0, 1), Float32Array.of(4, 4), Float32Array.of(1, 1), 1)[
      QUANTILE_LEVELS.indexOf(0.9)
    ];
    expect(p90[0]).toBeGreaterThan(6);
    expect(p90[1]).toBeLessThan(4.6);
    expect(learned[2].scores.length).toBeGreaterThan(0);
  });

  it('holds its share where 97 of 100 days sell nothing', () => {
    const rare = (row: number) => 0.01 + 0.0004 * (row % 100);
    const learned = calibrate(sample(400, 30, 3, rare));
    const later = sample(400, 30, 4, rare);
    const found = quantilesAround([learned], ONE_GROUP, later.mean, later.dispersion, 30);
    const share = coverage(found[QUANTILE_LEVELS.indexOf(0.1)], found[QUANTILE_LEVELS.indexOf(0.9)], later.actual);
    // An interval that always holds the zeros would cover 98 of 100.
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.88);
  });

  it('never crosses, never goes below 0, and widens beyond the days measured', () => {
    const mean = Float32Array.from({ length: 366 }, () => 3);
    const far = quantilesAround([calibration], ONE_GROUP, mean, Float32Array.of(1), 366);
    for (let i = 0; i < 366; i++)
      for (let q = 0; q < far.length; q++) expect(far[q][i]).toBeGreaterThanOrEqual(q === 0 ? 0 : far[q - 1][i]);
    const p90 = far[QUANTILE_LEVELS.indexOf(0.9)];
    expect(p90[365]).toBeGreaterThan(p90[29] + 0.5);
  });

  it('measures that errors of a level make sums vary more than their days', () => {
    const { sumInflation } = calibration;
    expect(sumInflation).toHaveLength(30);
    expect(sumInflation[0]).toBe(1);
    expect(sumInflation[27]).toBeGreaterThan(1.5);
    const longer = extendInflation(sumInflation, 60);
    expect(longer[59]).toBeGreaterThan(longer[29]);
    const { mean, actual, dispersion } = fresh;
    const measured = measuredDispersion([calibration], ONE_GROUP, mean, dispersion, 30);
    let ratios = 0;
    for (let row = 0; row < 400; row++) {
      let sum = 0;
      for (let h = 0; h < 14; h++) sum += actual[row * 30 + h] - mean[row * 30 + h];
      ratios += (sum * sum) / (measured[row] * 14 * mean[row * 30] * sumInflation[13]);
    }
    expect(Math.abs(ratios / 400 - 1)).toBeLessThan(0.25);
  });

  it('has a cautious default where nothing was measured', () => {
    const [lowest, ...others] = quantilesAround(
      [defaultCalibration(1)],
      ONE_GROUP,
      Float32Array.of(5),
      Float32Array.of(1),
      1,
    );
    expect(lowest[0]).toBe(0);
    expect(others[others.length - 1][0]).toBeGreaterThan(10);
  });
});

describe('historicDispersion', () => {
  it('is near 1 for Poisson demand and greater where sales come in lots', () => {
    const panel = demandPanel({ products: 3, locations: 1, days: 250, mean: () => 3 });
    panel.sales.forEach((y, i) => (panel.sales[i] = i >= 500 ? 6 * y : y));
    const [plain, , lots] = historicDispersion(panel, observedDays(panel));
    expect(plain).toBeGreaterThan(0.7);
    expect(plain).toBeLessThan(1.5);
    expect(lots).toBeGreaterThan(4);
  });
});

describe('sumDistribution', () => {
  const forecast = {
    horizon: 4,
    mean: Float32Array.of(0, 0, 0, 0, 1, 2, 3, 4),
    dispersion: Float32Array.of(1, 2),
    sumInflation: Float32Array.of(1, 1.5, 2),
  } as unknown as Forecast;
  it('adds means up and inflates the variance by the days summed', () => {
    expect(sumDistribution(forecast, 1, 2)).toEqual({ mean: 3, variance: 2 * 3 * 1.5 });
    expect(sumDistribution(forecast, 1, 2, 2)).toEqual({ mean: 7, variance: 2 * 7 * 1.5 });
  });
  it('repeats the mean day beyond the horizon', () => {
    expect(sumDistribution(forecast, 1, 6).mean).toBe(15);
    expect(sumDistribution(forecast, 1, 2, 10).mean).toBe(5);
  });
});
