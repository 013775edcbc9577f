import { describe, expect, it } from '@jest/globals';
import { AppError } from './app-error.ts';
import { refuseHostileKeys } from './hostile-keys.ts';

describe('refuseHostileKeys', () => {
  it.each(['{"__proto__":{"polluted":true}}', '{"a":[{"constructor":1}]}', '{"a":{"prototype":null}}'])(
    'refuses %s',
    (json) => {
      expect(() => refuseHostileKeys(JSON.parse(json))).toThrow(AppError);
    },
  );

  it('refuses nesting that would exhaust the stack', () => {
    expect(() => refuseHostileKeys(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toThrow(/32 levels/);
  });

  it('accepts ordinary data, with such names as values', () => {
    expect(() => refuseHostileKeys({ name: '__proto__', list: [1, 'constructor', null] })).not.toThrow();
    expect(() => refuseHostileKeys(undefined)).not.toThrow();
  });
});
