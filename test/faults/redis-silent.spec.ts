import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobsService, JobSweeper, QUEUE_NAMES } from '../../src/platform/queue/index.ts';
import { hasRedis, startTestServer } from '../support/test-redis.ts';
import type { TestRedis } from '../support/test-redis.ts';
import { openTcpGate, TcpGate } from '../support/tcp-gate.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

if (!hasRedis) process.stderr.write('No redis-server on this machine: a silent one is not tested\n');

const PATIENCE_MS = 30_000;

const silence = () => {
  let redis: TestRedis;
  let gate: TcpGate;
  let api: TestApi;
  let worker: INestApplicationContext;

  beforeAll(async () => {
    redis = await startTestServer();
    gate = await openTcpGate({ host: '127.0.0.1', port: Number(new URL(redis.url).port) });
    api = await startApi({ REDIS_URL: redis.url });
    const address = { urls: [`redis://127.0.0.1:${gate.port}`], cluster: false };
    worker = await startWorker({ ...api.config, redis: address, cacheRedis: address });
  });
  afterAll(async () => {
    await worker.close();
    await api.stop();
    await gate.shut();
    await redis.stop();
  });

  it('leaves workers with connections that look alive: they notice, connect anew and take the next job', async () => {
    const waiting = async () => Number(/blocked_clients:(\d+)/.exec(await redis.primaries()[0].info('clients'))?.[1]);
    for (const deadline = Date.now() + PATIENCE_MS; (await waiting()) < QUEUE_NAMES.length; await sleep(50))
      expect(Date.now()).toBeLessThan(deadline);
    // No sweeper helps.
    jest.spyOn(worker.get(JobSweeper), 'sweep').mockResolvedValue(0);
    gate.silence();
    const job = await api.app.get(JobsService).enqueue({ kind: 'housekeeping', payload: {} });
    expect(await jobEnd(api, job.id)).toMatchObject({ state: 'succeeded' });
  });
};

if (hasRedis) describe('Redis that falls silent', silence);
else it('needs a redis-server', () => expect(hasRedis).toBe(false));
