import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobSweeper } from '../../src/platform/queue/index.ts';
import { jobRow, salesFile, uploadSales, visible } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';
import { forkWorker } from '../support/worker-process.ts';
import { hasRedis, startTestRedis, TestRedis } from '../support/test-redis.ts';

if (!hasRedis) process.stderr.write('No redis-server on this machine: losing one is not tested\n');

const { content, rows } = salesFile(20, 100);

describe('Redis that never was there', () => {
  it.each(['false', 'true'])(
    'keeps the API from nothing (cluster: %s): it starts, reads, takes files and ends',
    async (cluster) => {
      const api = await startApi({ REDIS_URL: 'redis://127.0.0.1:1', REDIS_CLUSTER: cluster });
      for (const path of ['/api/v1/products', '/health/ready'])
        await api.http.get(path).set('authorization', `Bearer ${api.adminToken}`).expect(200);
      expect(await jobRow(api, await uploadSales(api, content))).toMatchObject({ state: 'queued' });
      await api.stop();
    },
  );
});

const losses = () => {
  let redis: TestRedis;
  let api: TestApi;
  let worker: INestApplicationContext | null;
  /** What is printed past the log: a queue without a listener for its errors does that, many times a second. */
  let printed: ReturnType<typeof jest.spyOn>;

  beforeEach(async () => {
    redis = await startTestRedis();
    api = await startApi({ REDIS_URL: redis.url });
    worker = null;
    printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
    await worker?.close();
    await api.stop();
    await redis.stop();
  });

  const read = (path: string) => api.http.get(path).set('authorization', `Bearer ${api.adminToken}`).expect(200);

  async function loadedOnce(id: string): Promise<void> {
    expect(await jobEnd(api, id)).toMatchObject({ state: 'succeeded', result: { rows_inserted: rows } });
    expect(await jobRow(api, id)).toMatchObject({ attempt: 1 });
    expect(await visible(api)).toMatchObject({ sales: rows, upload: 'loaded' });
  }

  it('forgets a queued job, which runs all the same, and once', async () => {
    const id = await uploadSales(api, content);
    const operators = redis.primaries();
    expect((await Promise.all(operators.map((operator) => operator.keys('*')))).flat().length).toBeGreaterThan(0);
    await Promise.all(operators.map((operator) => operator.flushall()));

    worker = await startWorker(api.config);
    await sleep(1_000);
    // Nobody has told the worker.
    expect(await jobRow(api, id)).toMatchObject({ state: 'queued', attempt: 0 });
    const sweeper = worker.get(JobSweeper);
    await Promise.all([sweeper.sweep(0), sweeper.sweep(0), sweeper.sweep(0)]);
    await loadedOnce(id);
    await sweeper.sweep(0);
    expect(await jobRow(api, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it('goes away and comes back: reads and uploads are answered meanwhile, and the upload is loaded afterwards', async () => {
    worker = await startWorker(api.config);
    await read('/api/v1/products');
    await redis.kill();

    for (const path of ['/api/v1/products', '/health/ready', '/health/live', '/api/v1/sales-data/uploads']) {
      const started = Date.now();
      await read(path);
      expect({ path, prompt: Date.now() - started < 1_000 }).toEqual({ path, prompt: true });
    }
    const id = await uploadSales(api, content);
    expect(await jobRow(api, id)).toMatchObject({ state: 'queued', attempt: 0 });

    await redis.restart();
    await loadedOnce(id);
  });

  it('is away when a worker is told to end: it ends in time for whoever would kill it after ten seconds', async () => {
    const told = await forkWorker(api);
    await redis.kill();
    const started = Date.now();
    await told.stop();
    expect(Date.now() - started).toBeLessThan(10_000);
    await redis.restart();
  });
};

if (hasRedis) describe('Redis that', losses);
