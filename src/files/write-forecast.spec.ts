import { describe, expect, it } from '@jest/globals';
import { csvField, shortNumber } from './write-forecast.ts';

describe('forecast file', () => {
  it('quotes only what needs it', () => {
    expect(['plain', 'a,b', 'say "x"'].map(csvField)).toEqual(['plain', '"a,b"', '"say ""x"""']);
  });
  it('writes up to four decimals', () => {
    expect([3, 0.12345, 2.5, 1e-9].map(shortNumber)).toEqual(['3', '0.1235', '2.5', '0']);
  });
});
