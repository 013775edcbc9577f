import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiBeside, startApi, TestApi } from '../support/test-app.ts';
import { hasRedis, startTestRedis, TestRedis } from '../support/test-redis.ts';

if (!hasRedis) process.stderr.write('No redis-server on this machine: limits of two APIs are not tested\n');

const LIMIT = 30;

const sharing = () => {
  let redis: TestRedis;
  let one: TestApi;
  let other: ApiBeside;

  beforeAll(async () => {
    redis = await startTestRedis();
    one = await startApi({ CACHE_REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: String(LIMIT) });
    other = await one.beside();
  });
  afterAll(async () => {
    await one?.stop();
    await redis?.stop();
  });

  const ask = ({ http }: Pick<TestApi, 'http'>, token: string) =>
    http.get('/api/v1/auth/me').set('authorization', `Bearer ${token}`);

  /** Until both APIs have found Redis, each counts for itself. */
  async function untilShared(): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(500)) {
      const left = [];
      for (const api of [one, other, one])
        left.push(Number((await ask(api, one.adminToken)).headers['ratelimit-remaining']));
      if (left[1] === left[0] - 1 && left[2] === left[1] - 1) return;
    }
    throw new Error('The APIs do not share a counter');
  }

  it('refuses the first request over the limit, whichever of two APIs it comes to', async () => {
    await untilShared();
    const token = await one.tokenOf('viewer');
    for (let sent = 1; sent <= LIMIT; sent++) {
      const { status, headers } = await ask(sent % 2 ? one : other, token);
      expect(status).toBe(200);
      expect(headers['ratelimit-limit']).toBe(String(LIMIT));
      expect(headers['ratelimit-remaining']).toBe(String(LIMIT - sent));
    }
    for (const api of [one, other]) {
      const { status, headers, body } = await ask(api, token);
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'TOO_MANY_REQUESTS' });
      expect(headers['ratelimit-remaining']).toBe('0');
      const retryAfter = Number(headers['retry-after']);
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(headers['ratelimit-reset']).toBe(headers['retry-after']);
    }
  });
};

if (hasRedis) describe('the limit of requests', sharing);
else it('needs a redis-server', () => expect(hasRedis).toBe(false));
