import { describe, expect, it } from '@jest/globals';
import { VerifiedTokens } from './verified-tokens.ts';

const signedIn = {
  principal: { userId: 'u', email: 'e', role: 'viewer', locationIds: [] },
  sessionId: 's',
  tokenVersion: 1,
  expiresAt: 100,
} as const;

describe('VerifiedTokens', () => {
  it('knows a token until it ends, to the millisecond', () => {
    const tokens = new VerifiedTokens();
    tokens.add('a', signedIn);
    expect(tokens.get('a', 99_999)).toBe(signedIn);
    expect(tokens.get('a', 100_000)).toBeUndefined();
    expect(tokens.get('a', 0)).toBeUndefined();
  });
  it('knows no other token', () => {
    const tokens = new VerifiedTokens();
    tokens.add('a', signedIn);
    expect(tokens.get('b', 0)).toBeUndefined();
  });
  it('forgets the oldest beyond its bound', () => {
    const tokens = new VerifiedTokens();
    for (let i = 0; i <= 10_000; i++) tokens.add(String(i), signedIn);
    expect(tokens.get('0', 0)).toBeUndefined();
    expect(tokens.get('10000', 0)).toBe(signedIn);
  });
});
