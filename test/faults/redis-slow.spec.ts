import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisCache } from '../../src/platform/cache/redis-cache.ts';
import { hasRedis, startTestRedis, TestRedis } from '../support/test-redis.ts';

if (!hasRedis) process.stderr.write('No redis-server on this machine: a slow one is not tested\n');

const PAUSE_MS = 4_000;

const slowness = () => {
  let redis: TestRedis;
  let cache: RedisCache;

  beforeAll(async () => {
    redis = await startTestRedis();
    cache = new RedisCache(redis.address);
    for (let tries = 0; tries < 100 && (await cache.get('key')) === null; tries++) {
      await cache.set('key', 'value', 60);
      await sleep(20);
    }
  });
  afterAll(async () => {
    await cache.onModuleDestroy();
    await redis.stop();
  });

  it('costs a few callers a moment, the others nothing, and is used again once it answers', async () => {
    expect(await cache.get('key')).toBe('value');
    for (const operator of redis.primaries()) await operator.call('CLIENT', 'PAUSE', String(PAUSE_MS), 'ALL');
    const started = performance.now();
    for (let i = 0; i < 50; i++) {
      expect(await cache.get('key')).toBeNull();
      expect((await cache.increment('count', 60)).count).toBe(i + 1);
    }
    // A hundred calls that wait for a tenth of a second each would take ten.
    expect(performance.now() - started).toBeLessThan(2_000);
    await sleep(PAUSE_MS + 3_000);
    await cache.get('key');
    expect(await cache.get('key')).toBe('value');
  }, 30_000);
};

if (hasRedis) describe('Redis that does not answer for a while', slowness);
else it('needs a redis-server', () => expect(hasRedis).toBe(false));
