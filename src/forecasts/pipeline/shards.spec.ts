import { describe, expect, it } from '@jest/globals';
import { byLocation, planShards } from './shards.ts';

describe('shards', () => {
  const groups = [1, 1, 1, 2, 2, 3, 4, 4, 4, 4, 4];

  it.each([
    [
      3,
      [
        [0, 3],
        [3, 6],
        [6, 9],
        [9, 11],
      ],
    ],
    [
      5,
      [
        [0, 5],
        [5, 6],
        [6, 11],
      ],
    ],
    [
      6,
      [
        [0, 6],
        [6, 11],
      ],
    ],
    [11, [[0, 11]]],
  ])('of at most %i series keep groups together where they can', (most, expected) => {
    const shards = planShards(groups.length, (place) => groups[place], most);
    expect(shards.map(({ begin, end }) => [begin, end])).toEqual(expected);
  });

  it.each([1, 2, 3, 4, 7])('cover every series once, at most %i each', (most) => {
    const shards = planShards(groups.length, (place) => groups[place], most);
    expect(shards.flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, i) => begin + i))).toEqual([
      ...groups.keys(),
    ]);
    for (const { begin, end } of shards) expect(end - begin).toBeLessThanOrEqual(most);
  });

  it('are none of nothing', () => {
    expect(planShards(0, () => 0, 5)).toEqual([]);
    expect(() => planShards(1, () => 0, 0)).toThrow(RangeError);
  });

  it('stand by location, series as they were', () => {
    expect([...byLocation(Int32Array.of(2, 1, 2, 1))]).toEqual([1, 3, 0, 2]);
  });
});
