import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.ts';
import { RedisCache } from '../../src/platform/cache/redis-cache.ts';
import { createApp } from '../../src/platform/http/create-app.ts';
import { JobsService, JobSweeper, QUEUE_NAMES } from '../../src/platform/queue/index.ts';
import { salesFile, uploadSales, visible } from '../support/imports.ts';
import { hasRedisCluster } from '../support/redis-server.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';
import { startTestCluster, TestCluster } from '../support/test-redis-cluster.ts';

if (!hasRedisCluster) process.stderr.write('No redis-server from version 7 on: a cluster of them is not tested\n');

const first = salesFile(20, 100);
const second = salesFile(10, 30, 'DS2');
/** What all keys of the queues begin with, so that they lie in its slot. */
const QUEUES_TAG = '{shelfcast}';
const PATIENCE_MS = 60_000;
/** Longest a worker may take to end. */
const CLOSE_MS = 30_000;

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) if (await ready()) return;
  throw new Error(`Not within ${PATIENCE_MS} ms: ${what}`);
}

/** Sets a key until it is there: a client that has just been made, or whose node has gone, drops what it is given. */
async function kept(cache: RedisCache, key: string): Promise<void> {
  await until(`key ${key}`, async () => {
    await cache.set(key, key, 600);
    return (await cache.get(key)) === key;
  });
}

/** Clients that a node keeps waiting for something to come. */
async function waiting(port: number): Promise<number> {
  const operator = new Redis(port, '127.0.0.1');
  try {
    return Number(/blocked_clients:(\d+)/.exec(await operator.info('clients'))?.[1]);
  } finally {
    operator.disconnect();
  }
}

async function endsInTime(context: INestApplicationContext): Promise<void> {
  const late = new AbortController();
  const ended = await Promise.race([context.close().then(() => true), sleep(CLOSE_MS, false, { signal: late.signal })]);
  late.abort();
  expect({ ended }).toEqual({ ended: true });
}

const onCluster = () => {
  let redis: TestCluster;
  let api: TestApi;
  let otherApi: NestFastifyApplication;
  let worker: INestApplicationContext;
  let cache: RedisCache;
  let otherCache: RedisCache;

  beforeAll(async () => {
    // Each primary has a replica.
    redis = await startTestCluster(3);
    // All nodes, since a process that starts must find one that lives.
    api = await startApi({ REDIS_URL: redis.url });
    otherApi = await createApp(AppModule.forRoot(api.config), api.config);
    await otherApi.listen(0, '127.0.0.1');
    worker = await startWorker(api.config);
    // One node is enough to find the others.
    cache = new RedisCache({ urls: redis.address.urls.slice(0, 1), cluster: true });
    otherCache = new RedisCache(redis.address);
  });
  afterAll(async () => {
    await cache.onModuleDestroy();
    await otherCache.onModuleDestroy();
    await worker.close();
    await otherApi.close();
    await api.stop();
    await redis.stop();
  });

  const keysOf = () => Promise.all(redis.primaries().map((operator) => operator.keys('*')));

  it('runs jobs, at once and after a pause, with all keys of the queues in one slot', async () => {
    expect(await jobEnd(api, await uploadSales(api, first.content))).toMatchObject({ state: 'succeeded' });
    expect(await visible(api)).toMatchObject({ sales: first.rows, upload: 'loaded' });
    const jobs = worker.get(JobsService);
    const later = await jobs.create(worker.get(DataSource).manager, { kind: 'housekeeping', payload: {} });
    await jobs.wake(later, 1_500);
    expect(await jobEnd(api, later.id)).toMatchObject({ state: 'succeeded' });

    const ofQueues = (await keysOf()).map((keys) => keys.filter((key) => /^(\{shelfcast\}|bull):/.test(key)));
    expect(ofQueues.filter((keys) => keys.length > 0)).toHaveLength(1);
    expect(ofQueues.flat().every((key) => key.startsWith(QUEUES_TAG))).toBe(true);
  });

  it('keeps what is cached on all nodes, for all clients, and drops a prefix from all of them', async () => {
    const dropped = Array.from({ length: 60 }, (_, i) => `forecast:series:${i}`);
    const others = Array.from({ length: 6 }, (_, i) => `written:${i}`);
    await Promise.all([...dropped, ...others].map((key) => kept(cache, key)));
    for (const keys of await keysOf()) expect(keys.some((key) => dropped.includes(key))).toBe(true);

    await kept(otherCache, 'written:known');
    expect(await Promise.all(dropped.map((key) => otherCache.get(key)))).toEqual(dropped);
    await otherCache.deletePrefix('forecast:');
    expect((await keysOf()).flat().filter((key) => key.startsWith('forecast:'))).toEqual([]);
    expect(await Promise.all(others.map((key) => cache.get(key)))).toEqual(others);
  });

  it('counts the requests of a caller over two APIs', async () => {
    const origins = [await api.app.getUrl(), await otherApi.getUrl()];
    const remaining = async (origin: string) => {
      const headers = { authorization: `Bearer ${api.adminToken}` };
      return Number((await fetch(`${origin}/api/v1/auth/me`, { headers })).headers.get('ratelimit-remaining'));
    };
    // Again where the minute turns over in between.
    await until('one counter', async () => {
      const seen: number[] = [];
      for (const origin of [...origins, ...origins]) seen.push(await remaining(origin));
      return seen.every((left, i) => left === seen[0] - i);
    });
  });

  it('loses a primary: requests are answered meanwhile, and its replica goes on with the cache and with the jobs', async () => {
    const port = await redis.primaryOf(QUEUES_TAG);
    const keys = Array.from({ length: 30 }, (_, i) => `forecast:series:${i}`);
    const owners = await Promise.all(keys.map((key) => redis.primaryOf(key)));
    expect(new Set(owners).size).toBe(3);
    await until('all workers wait', async () => (await waiting(port)) === QUEUE_NAMES.length);

    await redis.killNode(port);
    for (const path of ['/api/v1/products', '/health/ready', '/api/v1/sales-data/uploads'])
      await api.http.get(path).set('authorization', `Bearer ${api.adminToken}`).expect(200);
    const id = await uploadSales(api, second.content);
    await until('a replica that takes over', async () => (await redis.primaryOf(QUEUES_TAG)) !== port);
    await redis.ready();
    expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded', result: { rows_inserted: second.rows } });

    await Promise.all(keys.map((key) => kept(cache, key)));
    expect(await Promise.all(keys.map((key) => otherCache.get(key)))).toEqual(keys);
  });

  it('wakes workers that were waiting when their primary was lost, by itself, and lets them end', async () => {
    const port = await redis.primaryOf(QUEUES_TAG);
    await until('all workers wait again', async () => (await waiting(port)) === QUEUE_NAMES.length);
    // No sweeper helps.
    const sweeping = jest.spyOn(worker.get(JobSweeper), 'sweep').mockResolvedValue(0);
    const job = await worker.get(JobsService).enqueue({ kind: 'housekeeping', payload: {} });
    expect(await jobEnd(api, job.id)).toMatchObject({ state: 'succeeded' });
    sweeping.mockRestore();

    await endsInTime(worker);
    worker = await startWorker(api.config);
    const later = await worker.get(JobsService).enqueue({ kind: 'housekeeping', payload: {} });
    expect(await jobEnd(api, later.id)).toMatchObject({ state: 'succeeded' });
  });
};

if (hasRedisCluster) describe('A cluster of Redis', onCluster);
else it('needs a redis-server from version 7 on', () => expect(hasRedisCluster).toBe(false));
