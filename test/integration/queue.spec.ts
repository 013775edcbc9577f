import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, EntityManager } from 'typeorm';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.ts';
import { DatabaseModule } from '../../src/platform/database/index.ts';
import { InvalidRequestError } from '../../src/platform/http/index.ts';
import type { Job } from '../../src/platform/queue/index.ts';
import {
  JobContext,
  JobsService,
  JobStoppedError,
  JobSweeper,
  QueueModule,
  QUEUE_NAMES,
} from '../../src/platform/queue/index.ts';
import { jobStandIn } from '../support/stand-in-processors.ts';
import { metrics } from '../../src/platform/metrics/metrics.ts';
import { observeQueues } from '../../src/platform/queue/queue-metrics.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';
import { hasRedis, startTestRedis, TestRedis } from '../support/test-redis.ts';

interface Work {
  readonly behaviour: 'succeed' | 'fail' | 'fail-once' | 'refuse' | 'wait' | 'resume' | 'follow';
}

const attempts = new Map<string, number>();

async function work({ id, payload, signal, progress, ...context }: JobContext<Work>): Promise<Record<string, unknown>> {
  const attempt = (attempts.get(id) ?? 0) + 1;
  attempts.set(id, attempt);
  progress(50, 'working', 'half of it');
  if (payload.behaviour === 'refuse') throw new InvalidRequestError('file', 'is not a table');
  if (payload.behaviour === 'fail') throw new Error('no luck');
  if (payload.behaviour === 'fail-once' && attempt === 1) throw new Error('the network blinked');
  if (payload.behaviour === 'wait') {
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
    throw new JobStoppedError();
  }
  if (payload.behaviour === 'resume') {
    if (context.checkpoint) return { resumed: context.checkpoint };
    await context.saveCheckpoint({ fitted: 2 });
    throw new Error('the network blinked');
  }
  if (payload.behaviour === 'follow') context.onSuccess(async (manager) => [await follow(manager)]);
  return { attempt };
}

/** Makes the job that follows one whose behaviour is `follow`. */
let follow: (manager: EntityManager) => Promise<Job>;

const backends = hasRedis ? (['PostgreSQL', 'Redis'] as const) : (['PostgreSQL'] as const);
if (!hasRedis) process.stderr.write('No redis-server on this machine: the queue is tested on PostgreSQL only\n');

describe.each(backends)('jobs on %s', (backend) => {
  let database: TestDatabase;
  let redis: TestRedis | undefined;
  let environment: NodeJS.ProcessEnv;
  let worker: INestApplicationContext;
  let jobs: JobsService;

  function start(settings: NodeJS.ProcessEnv = {}): Promise<INestApplicationContext> {
    const config = loadConfig({ ...environment, ...settings });
    @Module({
      imports: [ConfigModule.forRoot(config), DatabaseModule.forRoot('test'), QueueModule.forWorker()],
      providers: QUEUE_NAMES.map((queue) => jobStandIn(queue, work)),
    })
    class Root {}
    return NestFactory.createApplicationContext(Root, { logger: false });
  }

  async function ended(id: string) {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) {
      const job = await jobs.get(id);
      if (job.finishedAt) return job;
    }
    throw new Error('the job did not end');
  }

  async function inState(id: string, state: string): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(50))
      if ((await jobs.get(id)).state === state) return;
    throw new Error(`the job did not become ${state}`);
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = backend === 'Redis' ? await startTestRedis() : undefined;
    environment = {
      DATABASE_URL: database.url,
      DATA_DIR: mkdtempSync(join(tmpdir(), 'shelfcast-queue-')),
      REDIS_URL: redis?.url,
    };
    worker = await start();
    jobs = worker.get(JobsService);
  });

  afterAll(async () => {
    await worker.close();
    await redis?.stop();
    await database.drop();
  });

  it('runs a job and keeps its result', async () => {
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'succeed' } });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', percent: 100, result: { attempt: 1 } });
  });

  it('makes the next job with its success, and wakes it', async () => {
    let made: Job | undefined;
    follow = async (manager) => (made = await jobs.create(manager, { kind: 'data-report', payload: {} }));
    const waking = jest.spyOn(JobsService.prototype, 'wakeAll');
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'follow' } });
    await ended(job.id);
    expect(await ended(made?.id ?? '')).toMatchObject({ kind: 'data-report', state: 'succeeded' });
    expect(waking.mock.calls.flatMap(([due]) => due.map(({ id }) => id))).toEqual([made?.id]);
    waking.mockRestore();
  });

  it('tries again after a passing fault', async () => {
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'fail-once' } });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  it('goes on from what an earlier attempt saved', async () => {
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'resume' } });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 2, result: { resumed: { fitted: 2 } } });
  });

  it('keeps a job that used up its attempts as a dead letter, until it is put back', async () => {
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'fail' } });
    const dead = await ended(job.id);
    expect(dead).toMatchObject({ state: 'failed', attempt: 3, failures: 3, error: { code: 'JOB_FAILED' } });
    expect(dead.deadLetteredAt).not.toBeNull();
    const alerts = await database.client.query(`SELECT detail FROM alerts WHERE kind = 'job.dead_letter'`);
    expect(alerts.rows).toMatchObject([{ detail: { queue: 'sales-import', job_id: job.id } }]);
    // The pauses between the tries: two seconds and four, of which up to half is left out.
    expect(Number(dead.finishedAt) - Number(dead.startedAt)).toBeGreaterThan(2_900);
    await database.client.query(`UPDATE jobs SET payload = '{"behaviour":"succeed"}' WHERE id = $1`, [job.id]);
    const manager = worker.get(DataSource).manager;
    await jobs.wakeAll(await jobs.requeue(manager, [job.id]));
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 4, failures: 0, deadLetteredAt: null });
    expect(await jobs.requeue(manager, [job.id])).toEqual([]);
  });

  it('tells in metrics how the queues stand and what became of attempts', async () => {
    // Due for a while, but not yet for so long that the sweeper takes its wake-up for lost.
    const { rows } = await database.client.query<{ id: string }>(
      `INSERT INTO jobs (kind, enqueued_at) VALUES ('model-training', now() - interval '4 seconds') RETURNING id`,
    );
    await observeQueues(worker.get(DataSource));
    await database.client.query(`DELETE FROM jobs WHERE id = $1`, [rows[0].id]);
    const text = await metrics.metrics();
    expect(text).toContain('queue_jobs{queue="model-training",fleet="training",state="queued"} 1');
    expect(text).toMatch(/queue_oldest_waiting_seconds\{queue="model-training",fleet="training"\} [45]/);
    expect(text).toMatch(/queue_jobs\{queue="sales-import",fleet="general",state="dead-letter"\} 0/);
    for (const outcome of ['succeeded', 'retried', 'failed'])
      expect(text).toMatch(
        new RegExp(`job_attempt_duration_seconds_count\\{queue="sales-import",outcome="${outcome}"\\} [1-9]`),
      );
  });

  it('tells how the queues stand also where no worker runs', async () => {
    const config = loadConfig(environment);
    @Module({ imports: [ConfigModule.forRoot(config), DatabaseModule.forRoot('test'), QueueModule.forApi()] })
    class Api {}
    const api = await NestFactory.createApplicationContext(Api, { logger: false });
    try {
      // A wake-up in the future: nobody takes the job, and the sweeper leaves it alone.
      const { rows } = await database.client.query<{ id: string }>(
        `INSERT INTO jobs (kind, enqueued_at) VALUES ('data-report', now() + interval '1 hour') RETURNING id`,
      );
      metrics.resetMetrics();
      expect(await metrics.metrics()).toContain('queue_jobs{queue="data-report",fleet="general",state="queued"} 1');
      await database.client.query(`DELETE FROM jobs WHERE id = $1`, [rows[0].id]);
    } finally {
      await api.close();
    }
  });

  it('gives up a job that too many workers have died over', async () => {
    const { rows } = await database.client.query<{ id: string }>(
      `INSERT INTO jobs (kind, state, payload, attempt, losses, heartbeat_at)
       VALUES ('sales-import', 'running', '{"behaviour":"succeed"}', 20, $1, now() - interval '1 hour') RETURNING id`,
      [20],
    );
    await worker.get(JobSweeper).sweep();
    expect(await ended(rows[0].id)).toMatchObject({ state: 'failed', attempt: 21, error: { code: 'WORKERS_LOST' } });
    // One death less, and it would have been tried again.
    await database.client.query(
      `UPDATE jobs SET state = 'running', losses = 19, finished_at = NULL, heartbeat_at = now() - interval '1 hour' WHERE id = $1`,
      [rows[0].id],
    );
    await worker.get(JobSweeper).sweep();
    expect(await ended(rows[0].id)).toMatchObject({ state: 'succeeded' });
  });

  it('does not try a refused job again', async () => {
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'refuse' } });
    expect(await ended(job.id)).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'INVALID_REQUEST' } });
  });

  it('lets a second request of the same key join an unfinished job', async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: 20 }, () =>
        jobs.enqueue({ kind: 'model-training', payload: { behaviour: 'wait' }, dedupeKey: 'same' }),
      ),
    );
    expect(new Set(others.map(({ id }) => id))).toEqual(new Set([first.id]));
    await inState(first.id, 'running');
    await jobs.cancel(first.id);
    expect(await ended(first.id)).toMatchObject({ state: 'cancelled' });
  });

  it('shows progress while a job runs', async () => {
    const job = await jobs.enqueue({ kind: 'model-training', payload: { behaviour: 'wait' } });
    for (const deadline = Date.now() + 10_000; (await jobs.get(job.id)).percent !== 50 && Date.now() < deadline;)
      await sleep(50);
    expect(await jobs.get(job.id)).toMatchObject({ percent: 50, step: 'working', message: 'half of it' });
    await jobs.cancel(job.id);
    await ended(job.id);
  });

  it('wakes a job whose wake-up was lost', async () => {
    const job = await jobs.create(worker.get(DataSource).manager, {
      kind: 'sales-import',
      payload: { behaviour: 'succeed' },
    });
    expect(await worker.get(JobSweeper).sweep(60_000)).toBe(0);
    expect((await jobs.get(job.id)).state).toBe('queued');
    await sleep(10);
    expect(await worker.get(JobSweeper).sweep(0)).toBeGreaterThanOrEqual(1);
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded' });
  });

  it('takes over from a dead worker, whose late writes change nothing', async () => {
    const job = await jobs.enqueue({ kind: 'forecast-generation', payload: { behaviour: 'wait' } });
    await inState(job.id, 'running');
    // Another worker takes the job: the first one notices with its next heartbeat and stays silent.
    await database.client.query(
      `UPDATE jobs SET attempt = attempt + 1, state = 'succeeded', result = '{"by":"other"}', finished_at = now() WHERE id = $1`,
      [job.id],
    );
    await sleep(2500);
    expect(await jobs.get(job.id)).toMatchObject({ state: 'succeeded', result: { by: 'other' } });
  });

  it('goes on when the database has cut all connections', async () => {
    await database.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await sleep(500);
    const job = await jobs.enqueue({ kind: 'sales-import', payload: { behaviour: 'succeed' } });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded' });
  });

  it('hands a running job back when the worker stops', async () => {
    const job = await jobs.enqueue({ kind: 'model-training', payload: { behaviour: 'wait' } });
    await inState(job.id, 'running');
    await worker.close();
    const { rows } = await database.client.query('SELECT state, attempt FROM jobs WHERE id = $1', [job.id]);
    expect(rows[0]).toEqual({ state: 'queued', attempt: 1 });
    worker = await start();
    jobs = worker.get(JobsService);
    await jobs.cancel(job.id);
    expect(await jobs.get(job.id)).toMatchObject({ state: 'cancelled' });
  });

  it('leaves queues alone that it was not given', async () => {
    await worker.close();
    worker = await start({ WORKER_QUEUES: 'training' });
    jobs = worker.get(JobsService);
    const [general, training] = await Promise.all(
      (['sales-import', 'model-training'] as const).map((kind) =>
        jobs.enqueue({ kind, payload: { behaviour: 'succeed' } }),
      ),
    );
    expect(await ended(training.id)).toMatchObject({ state: 'succeeded' });
    expect(await jobs.get(general.id)).toMatchObject({ state: 'queued', attempt: 0 });
    const other = await start({ WORKER_QUEUES: 'general' });
    try {
      expect(await ended(general.id)).toMatchObject({ state: 'succeeded' });
    } finally {
      await other.close();
    }
  });
});
