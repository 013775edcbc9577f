import { Inject, Injectable } from '@nestjs/common';
import { CacheStore } from '../../platform/cache/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { clientAddress, TooManyRequestsError } from '../../platform/http/index.ts';

const WINDOW_SECONDS = 60;

/**
 * Slows guessing down: per minute, an address may fail so often, and so often on one account. What counts are attempts
 * less successes, the attempt counted before the password is looked at, so that many at once gain nothing and an office
 * behind one address may sign in. Locks are soft: the account stays open to other addresses, and the minute ends.
 */
@Injectable()
export class LoginThrottle {
  private readonly limits: { readonly address: number; readonly account: number };

  constructor(
    private readonly cache: CacheStore,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    const address = config.auth.loginAttemptsPerMinute;
    // Half, less one: of twenty a minute, the tenth try on one account is refused.
    this.limits = { address, account: Math.max(1, Math.floor(address / 2) - 1) };
  }

  /**
   * Counts an attempt; the returned function says that it succeeded.
   * @throws TooManyRequestsError (429 with `Retry-After`)
   */
  async attempt(email: string, ip: string, now: number = Date.now()): Promise<() => Promise<void>> {
    const window = Math.floor(now / 1000 / WINDOW_SECONDS);
    const address = clientAddress(ip);
    const counters = [
      { key: `login:${window}:ip:${address}`, limit: this.limits.address },
      { key: `login:${window}:account:${address}:${email}`, limit: this.limits.account },
    ];
    for (const { key, limit } of counters) {
      const { count } = await this.cache.increment(`${key}:tried`, WINDOW_SECONDS);
      const succeeded = count > limit ? Number((await this.cache.get(`${key}:succeeded`)) ?? 0) : 0;
      if (count - succeeded > limit) {
        const retryAfter = WINDOW_SECONDS - (Math.floor(now / 1000) % WINDOW_SECONDS);
        throw new TooManyRequestsError('Too many attempts to sign in', retryAfter);
      }
    }
    return async () => {
      for (const { key } of counters) await this.cache.increment(`${key}:succeeded`, WINDOW_SECONDS);
    };
  }
}
