import { describe, expect, it } from '@jest/globals';
import { createHmac, createSecretKey, KeyObject } from 'node:crypto';
import { AppConfig } from '../../platform/config/index.ts';
import { keyId, TokenKeys } from './token-keys.ts';

const keyOf = (text: string) => createSecretKey(Buffer.from(text.repeat(32)));
const [current, previous, foreign] = ['c', 'p', 'f'].map(keyOf);
const keysOf = (jwtKey: KeyObject, previousJwtKey: KeyObject | null) =>
  new TokenKeys({ auth: { jwtKey, previousJwtKey } } as AppConfig);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function token(key: KeyObject, header: object = { alg: 'HS256', kid: keyId(key) }): string {
  const text = `${encode(header)}.${encode({ sub: 'u' })}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

describe('keyId', () => {
  it('is eight digits of its key alone, none of them part of the key', () => {
    expect(keyId(current)).toMatch(/^[0-9a-f]{8}$/);
    expect(keyId(createSecretKey(current.export()))).toBe(keyId(current));
    expect(new Set([current, previous, foreign].map(keyId)).size).toBe(3);
    expect(current.export().toString('hex')).not.toContain(keyId(current));
  });
});

describe('TokenKeys', () => {
  const both = keysOf(current, previous);

  it('names the key that signs', () => {
    expect(both.currentId).toBe(keyId(current));
  });

  it('chooses by the name of the key', () => {
    expect(both.keyOf(token(current))).toBe(current);
    expect(both.keyOf(token(previous))).toBe(previous);
    expect(both.keyOf(token(foreign))).toBeNull();
  });

  it('tries both where the token names none', () => {
    const bare = { alg: 'HS256' };
    expect(both.keyOf(token(current, bare))).toBe(current);
    expect(both.keyOf(token(previous, bare))).toBe(previous);
    expect(both.keyOf(token(foreign, bare))).toBeNull();
  });

  it('does not let a name stand for a signature', () => {
    // The key it names: verifying with it fails.
    expect(both.keyOf(token(foreign, { alg: 'HS256', kid: keyId(previous) }))).toBe(previous);
  });

  it('knows the previous key only while it is there', () => {
    const alone = keysOf(current, null);
    expect(alone.keyOf(token(current))).toBe(current);
    expect(alone.keyOf(token(previous))).toBeNull();
  });

  it.each([null, 1, '', '../../dev/null', { a: 1 }, '__proto__'])('knows no key of the name %j', (kid) => {
    expect(both.keyOf(token(current, { alg: 'HS256', kid }))).toBeNull();
  });

  it.each(['', '.', 'a.b.c', `${encode(null)}x.b.c`, 'e30'])('takes %j for a token of nobody', (text) => {
    expect(both.keyOf(text)).toBeNull();
  });
});
