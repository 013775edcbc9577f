import { parseOptions } from '@node-rs/argon2';
import { hash } from '@node-rs/argon2';
import { describe, expect, it } from '@jest/globals';
import { hashPassword, needsRehash, passwordProblem, verifyPassword } from './passwords.ts';

describe('password hashes', () => {
  it('are argon2id with 19 MiB, two passes and one lane', async () => {
    const stored = await hashPassword('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$/);
    expect(parseOptions(stored)).toMatchObject({ memoryCost: 19456, timeCost: 2, parallelism: 1 });
    expect(needsRehash(stored)).toBe(false);
  });

  it('are made anew when they were made at another cost', async () => {
    expect(needsRehash(await hash('x', { memoryCost: 8192, timeCost: 1, parallelism: 1 }))).toBe(true);
  });

  it('do not truncate: the 128th character counts', async () => {
    const stored = await hashPassword(`${'a'.repeat(127)}b`);
    expect(await verifyPassword(stored, `${'a'.repeat(127)}b`)).toBe(true);
    expect(await verifyPassword(stored, `${'a'.repeat(127)}c`)).toBe(false);
  });

  it('match whatever way the characters were composed', async () => {
    expect(await verifyPassword(await hashPassword('cafe\u0301 au lait'), 'caf\u00e9 au lait')).toBe(true);
  });

  it('match nothing for a user that does not exist', async () => {
    expect(await verifyPassword(null, 'no user has this one')).toBe(false);
  });
});

describe('passwordProblem', () => {
  it.each(['short', '', 'a'.repeat(129), 'Password123', 'QWERTYUIOP', 'me@example.test'])('refuses %j', (password) => {
    expect(passwordProblem(password, 'me@example.test')).not.toBeNull();
  });

  it.each(['eight888', 'пароль-длинный', '🍎🍎🍎🍎🍎🍎🍎🍎', '🍎'.repeat(128), 'only lower case words'])(
    'accepts %j',
    (password) => {
      expect(passwordProblem(password, 'me@example.test')).toBeNull();
    },
  );
});
