import { describe, expect, it } from '@jest/globals';
import { shortest } from './shortest.ts';

describe('The shortest digits of a 32-bit float', () => {
  it('are those it was written with', () => {
    for (const value of [0, 1, 3.42, 0.1, 1e-7, 16777216, 123.456, 0.333333])
      expect(shortest(Math.fround(value))).toBe(value);
  });

  it('always lead back to the float', () => {
    for (let i = 1; i < 2000; i++) {
      const value = Math.fround(Math.exp(i / 90 - 10) * Math.PI);
      expect(Math.fround(shortest(value))).toBe(value);
    }
  });
});
