import { describe, expect, it } from '@jest/globals';
import { panelOf } from '../../../test/support/demand-panels.ts';
import { sliceOf } from '../seasonal/slice.ts';
import { observedDays } from '../series/availability.ts';
import { classifyDemand } from './classify.ts';
import { adidaRate } from './adida.ts';
import { crostonRate, sbaRate, tsbRate } from './croston.ts';
import { forecastAdida, forecastCroston, forecastSba, forecastTsb } from './forecast.ts';

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

describe('ADIDA', () => {
  it('smooths buckets of the mean interval and shares their level out', () => {
    // A demand every third period: buckets 6, 3, 9, 3, 6. Least squared error of the constants tried: .05, see below.
    const row = slice([0, 0, 6, 0, 0, 3, 0, 0, 9, 0, 0, 3, 0, 0, 6]);
    const level = (alpha: number) => [3, 9, 3, 6].reduce((smoothed, total) => smoothed + alpha * (total - smoothed), 6);
    const { rate, bucket } = adidaRate({ ...row, first: 0 });
    expect(bucket).toBe(3);
    expect(rate).toBeCloseTo(level(0.05) / 3, 10);
  });
  it('scales a bucket with gaps up and skips one without values', () => {
    // Buckets of 2 from the end: (0, 4), (gap, 2) counts 4, (gap, gap) is skipped, (0, 4), (0, 4): level 4.
    const row = slice([0, 4, 0, 2, 0, 0, 0, 4, 0, 4]);
    const observed = Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1, 1, 1);
    expect(adidaRate({ ...row, observed, first: 0 })).toEqual({ rate: 2, bucket: 2 });
  });
});

describe('intermittent models in the form of the local models', () => {
  const rows = [0, 0, 4, 0, 0, 8, 0];
  const series = { values: rows, observed: new Uint8Array(7).fill(1), offset: 0, first: 0, end: 7 };
  it('give the hand-computed rates in every period', () => {
    const out = new Float32Array(3);
    // Sizes 4, 8; intervals 3, 3: 4.4 / 3.
    expect(forecastCroston(series, [7], 3, out, 0)).toBe('croston');
    out.forEach((value) => expect(value).toBeCloseTo(4.4 / 3, 6));
    forecastSba(series, [7], 3, out, 0);
    expect(out[0]).toBeCloseTo((4.4 / 3) * 0.975, 6);
    forecastTsb(series, [7], 3, out, 0);
    expect(out[0]).toBeCloseTo((2 / 7) * 6, 6);
  });
  it('shape the rate by a season that is more than chance', () => {
    const values = Array.from({ length: 140 }, (_, t) => (t % 7 === 5 ? 6 + (t % 2) : t % 14 === 1 ? 1 : 0));
    const weekly = { values, observed: new Uint8Array(140).fill(1), offset: 0, first: 0, end: 140 };
    const out = new Float32Array(7);
    expect(forecastAdida(weekly, [7], 7, out, 0)).toBe('adida');
    expect(out[5]).toBeGreaterThan(4);
    expect(out[3]).toBeLessThan(0.2);
    forecastAdida(weekly, [7], 7, out, 0, { spread: 'even' });
    expect(out[5]).toBe(out[3]);
  });
});
