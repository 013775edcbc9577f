import { describe, expect, it } from '@jest/globals';
import { panelOf } from '../../../test/support/demand-panels.ts';
import { sliceOf } from '../seasonal/slice.ts';
import { observedDays } from '../series/availability.ts';
import { classifyDemand } from './classify.ts';
import { crostonRate, sbaRate, tsbRate } from './croston.ts';

function slice(row: readonly number[]) {
  const panel = panelOf([row]);
  return sliceOf(panel, observedDays(panel), 0);
}

describe('Croston’s family', () => {
  it('smooths sizes and intervals at demands only', () => {
    // Sizes 4, 8; intervals 2, 3: size 4 + 0.1·4 = 4.4, interval 2 + 0.05·1 = 2.05.
    const row = slice([NaN, 0, 4, 0, 0, 8, 0]);
    expect(crostonRate({ ...row, first: 1 })).toBeCloseTo(4.4 / 2.05, 10);
    expect(sbaRate({ ...row, first: 1 })).toBeCloseTo((4.4 / 2.05) * 0.975, 10);
  });
  it('gives a steady rate of the mean for regular demand', () => {
    const regular = slice(Array.from({ length: 140 }, (_, d) => (d % 4 === 3 ? 6 : 0)));
    expect(crostonRate(regular)).toBeCloseTo(1.5, 6);
    expect(tsbRate(regular)).toBeGreaterThan(1.3);
    expect(tsbRate(regular)).toBeLessThan(1.8);
  });
  it('sinks while nothing sells with TSB, and not with Croston', () => {
    const alive = Array.from({ length: 140 }, (_, d) => (d % 4 === 3 ? 6 : 0));
    const faded = [...alive, ...new Array<number>(80).fill(0)];
    expect(crostonRate(slice(faded))).toBe(crostonRate(slice(alive)));
    expect(tsbRate(slice(faded))).toBeLessThan(0.05);
  });
  it('is 0 without a sale', () => {
    const nothing = slice(new Array<number>(30).fill(0));
    expect([crostonRate(nothing), sbaRate(nothing), tsbRate(nothing)]).toEqual([0, 0, 0]);
  });
});

describe('classifyDemand', () => {
  const repeat = (pattern: number[]) => Array.from({ length: 120 }, (_, d) => pattern[d % pattern.length]);
  it.each([
    ['smooth', [3, 4, 3, 4]],
    ['erratic', [1, 20, 1, 1]],
    ['intermittent', [0, 0, 3, 0]],
    ['lumpy', [0, 0, 1, 0, 0, 30]],
    ['no_demand', [0]],
  ])('finds %s demand', (expected, pattern) => {
    expect(classifyDemand(slice(repeat(pattern)), 365).demandClass).toBe(expected);
  });
  it('measures the interval and the variation of sizes', () => {
    const found = classifyDemand(slice(repeat([0, 2, 0, 4])), 120);
    expect(found.averageInterval).toBe(2);
    expect(found.squaredVariation).toBeCloseTo(1 / 9, 10);
  });
});
