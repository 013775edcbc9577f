import { describe, expect, it } from '@jest/globals';
import { splitWeekly } from './weekly-split.ts';

describe('splitWeekly', () => {
  const shape = [-3, -1, 0, 0, 1, 2, 1];

  it('finds a level and a shape of the week that repeats', () => {
    const { level, trend, weekday } = splitWeekly(Array.from({ length: 17 }, (_, day) => 10 + shape[day % 7]));
    expect([...level]).toEqual(new Array(17).fill(10));
    expect([...trend]).toEqual(new Array(17).fill(0));
    expect([...weekday]).toEqual(Array.from({ length: 17 }, (_, day) => shape[day % 7]));
  });

  it('tells a rise from week to week from the days, and adds up', () => {
    const path = Array.from({ length: 16 }, (_, day) => 10 + 5 * Math.floor(day / 7) + shape[day % 7]);
    const { level, trend, weekday } = splitWeekly(path);
    expect([...trend.subarray(0, 14)]).toEqual([...new Array(7).fill(0), ...new Array(7).fill(5)]);
    expect(weekday.subarray(7, 14).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
    path.forEach((value, day) => expect(level[day] + trend[day] + weekday[day]).toBeCloseTo(value, 12));
  });

  it('needs a week', () => {
    expect(() => splitWeekly([1, 2, 3, 4, 5, 6])).toThrow(RangeError);
  });
});
