import { describe, expect, it } from '@jest/globals';
import { MemoryCache } from '../../platform/cache/index.ts';
import { AppConfig } from '../../platform/config/index.ts';
import { TooManyRequestsError } from '../../platform/http/index.ts';
import { LoginThrottle } from './login-throttle.ts';

const throttleOf = (loginAttemptsPerMinute: number) =>
  new LoginThrottle(new MemoryCache(), { auth: { loginAttemptsPerMinute } } as AppConfig);

describe('LoginThrottle', () => {
  it('refuses the tenth failure on an account, and says for how long', async () => {
    const throttle = throttleOf(20);
    for (let i = 0; i < 9; i++) await throttle.attempt('a@x.test', '203.0.113.1', 15_000);
    await expect(throttle.attempt('a@x.test', '203.0.113.1', 15_000)).rejects.toMatchObject({
      status: 429,
      headers: { 'retry-after': '45' },
    });
    await expect(throttle.attempt('a@x.test', '203.0.113.2', 15_000)).resolves.toBeDefined();
    await expect(throttle.attempt('a@x.test', '203.0.113.1', 60_000)).resolves.toBeDefined();
  });

  it('refuses an address that tries many accounts', async () => {
    const throttle = throttleOf(20);
    for (let i = 0; i < 20; i++) await throttle.attempt(`user${i}@x.test`, '203.0.113.1', 0);
    await expect(throttle.attempt('user20@x.test', '203.0.113.1', 0)).rejects.toThrow(TooManyRequestsError);
  });

  it('does not count those who get in', async () => {
    const throttle = throttleOf(4);
    for (let i = 0; i < 50; i++) await (await throttle.attempt('a@x.test', '203.0.113.1', 0))();
    await expect(throttle.attempt('a@x.test', '203.0.113.1', 0)).resolves.toBeDefined();
    await expect(throttle.attempt('a@x.test', '203.0.113.1', 0)).rejects.toThrow(TooManyRequestsError);
  });
});
