import { describe, expect, it } from '@jest/globals';
import { shiftReasons, stabilityIndex } from './input-drift.ts';

const levels = (count: number, level: (i: number) => number) =>
  Float64Array.from({ length: count }, (_, i) => level(i));

describe('The population stability index', () => {
  it('is that of the shares, by hand', () => {
    // Halves at 50: of the actual values a quarter lies below.
    const expected = levels(100, (i) => i);
    const actual = levels(100, (i) => (i < 25 ? 10 : 60));
    expect(stabilityIndex(expected, actual, 2)).toBeCloseTo(-0.25 * Math.log(0.5) + 0.25 * Math.log(1.5), 12);
  });

  it('is nothing for the same levels in another order, and little for a little', () => {
    const expected = levels(1000, (i) => i % 97);
    expect(stabilityIndex(expected, expected.toReversed(), 10)).toBe(0);
    expect(
      stabilityIndex(
        expected,
        expected.map((value) => value * 1.02),
        10,
      ),
    ).toBeLessThan(0.05);
    expect(
      stabilityIndex(
        expected,
        expected.map((value) => value * 2),
        10,
      ),
    ).toBeGreaterThan(0.25);
  });

  it('takes zeros for one part, and a part that ran empty for half a series', () => {
    const expected = levels(400, (i) => (i % 4 ? 0 : 1 + (i % 5)));
    expect(stabilityIndex(expected, expected, 10)).toBe(0);
    const index = stabilityIndex(
      expected,
      levels(400, () => 0),
      10,
    );
    expect(index).toBeGreaterThan(0.5);
    expect(Number.isFinite(index)).toBe(true);
  });

  it('is drift above a quarter', () => {
    const shift = { segment: 'smooth', series: 300 };
    expect(shiftReasons([{ ...shift, index: 0.25 }])).toEqual([]);
    expect(shiftReasons([{ ...shift, index: 0.314 }])).toEqual(['stability index 0.31 of the levels of smooth series']);
  });
});
