import { describe, expect, it } from '@jest/globals';
import { accessClaims, bearerToken } from './access-token.ts';

describe('bearerToken', () => {
  it.each([
    ['Bearer a.b.c', 'a.b.c'],
    ['bearer a.b.c', 'a.b.c'],
    ['Basic a.b.c', null],
    ['Bearer', null],
    [undefined, null],
    [`Bearer ${'a'.repeat(9000)}`, null],
  ])('reads %s', (authorization, expected) => {
    expect(bearerToken({ headers: { authorization } })).toBe(expected);
  });

  it('takes no longer for a long header without a space', () => {
    const started = performance.now();
    for (let i = 0; i < 1000; i++) bearerToken({ headers: { authorization: 'a'.repeat(16_000) } });
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('accessClaims', () => {
  const payload = { sub: 'u', sid: 's', email: 'e', role: 'viewer', ver: 1, locs: [], typ: 'access', exp: 1 } as const;
  const header = { alg: 'HS256', typ: 'JWT' };

  it('takes a complete access token', () => {
    expect(accessClaims({ header, payload })).toEqual(payload);
  });

  it.each(['jku', 'jwk', 'x5u', 'x5c', 'crit'])('refuses a header with %s', (name) => {
    expect(accessClaims({ header: { ...header, [name]: 'x' }, payload })).toBeNull();
  });

  it.each(['sub', 'sid', 'email', 'role', 'ver', 'locs', 'typ', 'exp'])('refuses claims without %s', (name) => {
    expect(accessClaims({ header, payload: { ...payload, [name]: undefined } })).toBeNull();
  });
});
