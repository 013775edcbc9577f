import { describe, expect, it } from '@jest/globals';
import { isFlatAttributes } from './attributes.ts';

describe('isFlatAttributes', () => {
  it.each([[{}], [{ brand: 'Amul', organic: true, weight_g: 500 }]])('accepts %j', (value) => {
    expect(isFlatAttributes(value)).toBe(true);
  });

  it.each([
    [null],
    [[]],
    ['text'],
    [{ nested: {} }],
    [{ list: [1] }],
    [{ nothing: null }],
    [{ big: 'x'.repeat(501) }],
    [{ ['k'.repeat(65)]: 1 }],
    [{ '': 1 }],
    [{ nul: '\u0000' }],
    [{ infinite: Infinity }],
    [JSON.parse('{"__proto__":1}')],
    [{ constructor: 1 }],
    [Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, i]))],
  ])('refuses %j', (value) => {
    expect(isFlatAttributes(value)).toBe(false);
  });
});
