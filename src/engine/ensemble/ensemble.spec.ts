import { describe, expect, it } from '@jest/globals';
import { demandPanel, panelOf } from '../../../test/support/demand-panels.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import { alignToTotals } from './align.ts';
import { forecastColdStart } from './cold-start.ts';
import { combineMembers } from './combine.ts';
import { COLD_START_SEGMENT, SEGMENTS, segmentOfSeries, sufficiencyOf } from './segments.ts';
import { combinationLoss, devianceLoss, learnWeights, usableEntries, type MemberOutcomes } from './weights.ts';

/** Two segments; member `low` is right in the first, `high` in the second, `mad` never. */
function outcomes(sparse: boolean): MemberOutcomes {
  const rng = createRng(3);
  const size = 4000;
  const segmentOf = Uint8Array.from({ length: size }, (_, i) => (i < size / 2 ? 0 : 1));
  const actual = Float32Array.from(segmentOf, (segment) => Math.round((segment === 0 ? 2 : 6) + 3 * (rng() - 0.5)));
  actual[7] = NaN;
  return {
    names: ['low', 'high', 'mad'],
    forecasts: [2, 6, 50].map((value) => new Float32Array(size).fill(value)),
    actual,
    segmentOf,
    segments: ['first', 'second'],
    sparse: [sparse, sparse],
  };
}

describe('learnWeights', () => {
  it.each([false, true])('finds the right member of each segment (sparse: %s)', (sparse) => {
    const [first, second] = learnWeights(outcomes(sparse), [1, 0, 0]);
    expect(first.weights[0]).toBeGreaterThan(sparse ? 0.95 : 0.7);
    expect(second.weights[1]).toBeGreaterThan(0.7);
    for (const { weights } of [first, second]) {
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
      for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(0);
    }
  });

  it('is never worse than the best single member on what it learned from', () => {
    const rng = createRng(11);
    const size = 3000;
    const truth = Float32Array.from({ length: size }, () => 1 + 9 * rng());
    const noisy = (spread: number, lean: number) => truth.map((y) => Math.max(0, y + lean + spread * (rng() - 0.5)));
    const data: MemberOutcomes = {
      names: ['a', 'b', 'c'],
      forecasts: [noisy(6, 0.5), noisy(6, -1), noisy(9, 0)],
      actual: truth,
      segmentOf: Uint8Array.from(truth, (_, i) => i % 3),
      segments: ['x', 'y', 'z'],
      sparse: [false, false, true],
    };
    learnWeights(data, [1, 0, 0]).forEach(({ weights }, segment) => {
      const entries = usableEntries(data, segment);
      const loss = data.sparse[segment] ? devianceLoss : undefined;
      const alone = [0, 1, 2].map((m) =>
        combinationLoss(
          data,
          entries,
          [0, 1, 2].map((k) => (k === m ? 1 : 0)),
          loss,
        ),
      );
      expect(combinationLoss(data, entries, weights, loss)).toBeLessThanOrEqual(Math.min(...alone) * (1 + 1e-9));
    });
  });

  it('spreads the weight over members that few outcomes cannot tell apart', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const rng = createRng(seed);
      const truth = Float32Array.from({ length: 30 }, () => 5 + 5 * rng());
      const noisy = () => truth.map((y) => Math.max(0, y + 6 * (rng() - 0.5)));
      const data: MemberOutcomes = {
        names: ['a', 'b', 'c', 'd'],
        forecasts: [noisy(), noisy(), noisy(), noisy()],
        actual: truth,
        segmentOf: new Uint8Array(30),
        segments: ['x'],
        sparse: [false],
        origins: 1,
      };
      const [{ weights }] = learnWeights(data, [1, 0, 0, 0]);
      expect(Math.max(...weights)).toBeLessThan(0.6);
    }
  });

  it('falls back where there is next to nothing to learn from', () => {
    const few = outcomes(false);
    const unseen = { ...few, actual: few.actual.map((y, i) => (i < 20 ? y : NaN)) };
    for (const { weights } of learnWeights(unseen, [0.5, 0.5, 0])) expect(weights).toEqual([0.5, 0.5, 0]);
  });
});

describe('combineMembers', () => {
  it('weighs each row by its segment and shares out the weight of an absent member', () => {
    const weights = [
      { segment: 'p', members: ['a', 'b'], weights: [0.25, 0.75] },
      { segment: 'q', members: ['a', 'gone'], weights: [0.5, 0.5] },
    ];
    const mixed = combineMembers(
      ['b', 'a'],
      [Float32Array.of(10, 10, 10, 10), Float32Array.of(2, 2, 4, 4)],
      weights,
      Uint8Array.of(0, 1),
      2,
    );
    expect([...mixed]).toEqual([8, 8, 4, 4]);
  });
});

describe('alignToTotals', () => {
  const groups = { count: 2, groupOf: Int32Array.of(0, 0, 1) };
  const mean = Float32Array.of(1, 3, 5);
  it('makes groups add up to their totals at exponent 1, goes half way in log at 0.5, and nowhere at 0', () => {
    const at = (exponent: number) => [
      ...alignToTotals(mean, 1, [{ groups, totals: Float32Array.of(8, NaN), exponent }]),
    ];
    expect(at(1)).toEqual([2, 6, 5]);
    expect(at(0)).toEqual([1, 3, 5]);
    expect(at(0.5)[0]).toBeCloseTo(Math.SQRT2, 6);
  });
  it('never scales more than fourfold', () => {
    expect(alignToTotals(mean, 1, [{ groups, totals: Float32Array.of(400, 0), exponent: 1 }])[0]).toBe(4);
  });
});

describe('young series', () => {
  const days = 200;
  const rows = [
    new Array<number>(days).fill(6),
    new Array<number>(days).fill(10),
    [...new Array<number>(days - 3).fill(NaN), 2, 3, 1],
    new Array<number>(days).fill(0),
    [...new Array<number>(days - 90).fill(NaN), ...new Array<number>(90).fill(1)],
  ];
  const panel = panelOf(rows);
  const observed = observedDays(panel);

  it('are a cold start for four weeks and limited for half a year; one without sales is limited at any age', () => {
    const sufficiency = sufficiencyOf(panel, observed);
    expect([...sufficiency]).toEqual([0, 0, 2, 1, 1]);
    const segments = segmentOfSeries(panel, observed, sufficiency);
    expect(segments[2]).toBe(COLD_START_SEGMENT);
    expect(SEGMENTS[segments[3]]).toBe('no_demand');
    expect(SEGMENTS[segments[0]]).toBe('smooth');
  });

  it('blend three own days with seven of the median series of their shelf', () => {
    const { mean: out, ownWeight } = forecastColdStart(panel, observed, Int32Array.of(2), 7);
    const level = out.reduce((sum, value) => sum + value, 0) / 7;
    // Medians of 6, 10, 0 and 1 over the last four weeks: 3.5. Three days of mean 2.
    expect(level).toBeCloseTo((3 * 2 + 7 * 3.5) / 10, 4);
    expect(ownWeight[0]).toBeCloseTo(0.3, 6);
  });

  it('take the shape of the day from their shelf where periods are hours', () => {
    const hours = 24 * 30;
    const open = Array.from({ length: hours }, (_, t) => ((t + 5) % 24 >= 8 && (t + 5) % 24 < 20 ? 6 : 0));
    const hourly = { ...panelOf([open, open, new Array<number>(hours).fill(NaN)]), frequency: 'hourly' as const };
    const { mean, ownWeight } = forecastColdStart(
      { ...hourly, startPeriod: 24 * 19_000 + 5 },
      observedDays(hourly),
      Int32Array.of(2),
      24,
    );
    expect(ownWeight[0]).toBe(0);
    mean.forEach((value, h) => {
      const isOpen = (h + 5) % 24 >= 8 && (h + 5) % 24 < 20;
      expect(Math.abs(value - (isOpen ? 6 : 0))).toBeLessThan(0.3);
    });
  });

  it('take the same product at other locations as their guide where it is sold', () => {
    const twice = demandPanel({ days: 120, products: 3, locations: 2 });
    twice.sales.fill(NaN, 3 * 120, 3 * 120 + 118);
    twice.firstPeriod[3] = 118;
    const { mean: guided } = forecastColdStart(twice, observedDays(twice), Int32Array.of(3), 7);
    const own = (twice.sales[3 * 120 + 118] + twice.sales[3 * 120 + 119]) / 2;
    const sibling = twice.sales.subarray(2 * 120 + 92, 3 * 120).reduce((sum, y) => sum + y, 0) / 28;
    expect(guided.reduce((sum, value) => sum + value, 0) / 7).toBeCloseTo((2 * own + 7 * sibling) / 9, 4);
  });
});
