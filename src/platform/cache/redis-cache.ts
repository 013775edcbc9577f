import { Logger, OnModuleDestroy } from '@nestjs/common';
import { Redis } from 'ioredis';
import { observeBreakers } from '../metrics/metrics.ts';
import { Breaker } from './breaker.ts';
import { CacheStore, Count } from './cache.ts';
import { MemoryCache } from './memory-cache.ts';

/** Longest a request waits for Redis before it goes on without. */
const COMMAND_TIMEOUT_MS = 100;

/**
 * Cache on Redis, shared by all processes. When Redis is away or slow, reads miss and counters fall back to this
 * process's memory, so that Redis down costs speed and never an answer; after a few failures nobody waits for it any more.
 */
export class RedisCache extends CacheStore implements OnModuleDestroy {
  private readonly logger = new Logger(RedisCache.name);
  private readonly redis: Redis;
  private readonly fallback = new MemoryCache();
  private readonly breaker = new Breaker();
  private away = false;

  constructor(url: string) {
    super();
    this.redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
    });
    observeBreakers('cache', () => new Map([['cache', this.breaker.open]]));
    this.redis.on('error', (error) => {
      if (!this.away) this.logger.warn(`Redis cache is away: ${error.message}`);
      this.away = true;
    });
    this.redis.on('ready', () => (this.away = false));
  }

  async get(key: string): Promise<string | null> {
    return this.breaker.run(() => this.redis.get(key));
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    await this.breaker.run(() => this.redis.set(key, value, 'EX', ttlSeconds));
  }

  async deletePrefix(prefix: string): Promise<void> {
    try {
      let cursor = '0';
      do {
        const [next, keys] = await this.redis.scan(
          cursor,
          'MATCH',
          `${prefix.replace(/[[\]*?\\]/g, '\\$&')}*`,
          'COUNT',
          1000,
        );
        cursor = next;
        if (keys.length) await this.redis.unlink(...keys);
      } while (cursor !== '0');
    } catch {
      // Entries expire by themselves; whoever needs them gone at once puts the run into the key.
    }
  }

  async increment(key: string, ttlSeconds: number): Promise<Count> {
    const counted = await this.breaker.run(async () => {
      const result = await this.redis.multi().incr(key).expire(key, ttlSeconds, 'NX').ttl(key).exec();
      const [count, , ttl] = (result ?? []).map(([error, value]) => {
        if (error) throw error;
        return Number(value);
      });
      if (count === undefined || ttl === undefined) throw new Error('transaction was discarded');
      return { count, ttlSeconds: Math.max(1, ttl) };
    });
    return counted ?? this.fallback.increment(key, ttlSeconds);
  }

  async onModuleDestroy(): Promise<void> {
    this.redis.disconnect();
  }
}
