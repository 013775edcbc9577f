import { describe, expect, it } from '@jest/globals';
import { condense, sparkline, table } from './terminal.ts';

describe('sparkline', () => {
  it('scales from zero to the maximum', () => {
    expect(sparkline([0, 1, 2, 4, 7, 8])).toBe('▁▂▃▅██');
  });
  it('draws a history without sales flat', () => {
    expect(sparkline([0, 0, 0])).toBe('▁▁▁');
  });
});

describe('condense', () => {
  it('keeps a short history', () => {
    expect(condense([1, 2, 3], 5)).toEqual([1, 2, 3]);
  });
  it('takes means of equal groups, the oldest group longer', () => {
    expect(condense([1, 1, 1, 2, 4, 6, 8], 3)).toEqual([1, 3, 7]);
  });
  it('loses no level', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    expect(condense(values, 30)).toHaveLength(30);
    expect(condense(values, 30).at(-1)).toBe(98);
  });
});

describe('table', () => {
  it('aligns text left and numbers right', () => {
    expect(
      table(
        ['name', 'units'],
        [
          ['tea', 5],
          ['coffee', 120],
        ],
      ),
    ).toBe('name    units\n──────  ─────\ntea         5\ncoffee    120');
  });
});
