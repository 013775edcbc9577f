import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigModule, loadConfig } from '../../src/platform/config/index.ts';
import { DatabaseModule } from '../../src/platform/database/index.ts';
import { InvalidRequestError } from '../../src/platform/http/index.ts';
import { JobsService, JobStoppedError, QUEUE_NAMES, QueueModule } from '../../src/platform/queue/index.ts';
import {
  defineWorkflow,
  StepContext,
  StepResult,
  WorkflowModule,
  WorkflowsService,
  WorkflowSweeper,
} from '../../src/platform/workflow/index.ts';
import { jobStandIn, stepStandIn } from '../support/stand-in-processors.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

/** Splits a list, doubles each part in a shard of its own and adds the doubles up. */
const DOUBLING = defineWorkflow({
  name: 'doubling',
  steps: {
    split: { queue: 'sales-import', after: [] },
    double: { queue: 'forecast-generation', after: ['split'], shards: 'from-parent', weight: 8 },
    sum: { queue: 'model-training', after: ['double'] },
  },
});

interface Numbers {
  readonly numbers: number[];
  readonly behaviour?: 'gate' | 'poison' | 'flaky' | 'wait' | 'half-publish';
}

const behaviour = { poison: true, attempts: [] as string[] };

async function split({ input }: StepContext<Numbers>): Promise<StepResult> {
  if (input.behaviour === 'gate') return { output: { passed: false }, skipRest: 'gate refused' };
  return { output: { count: input.numbers.length }, shards: input.numbers.map((value) => ({ value })) };
}

async function double({ input, shard, step, attempt, signal }: StepContext<Numbers>): Promise<StepResult> {
  const { value } = shard.descriptor as { value: number };
  behaviour.attempts.push(`${step} ${value} attempt ${attempt}`);
  if (input.behaviour === 'wait') {
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
    throw new JobStoppedError();
  }
  if (input.behaviour === 'flaky' && attempt === 1 && value === 2) throw new Error('the network blinked');
  if (input.behaviour === 'poison' && behaviour.poison && value === 2)
    throw new InvalidRequestError('value', 'is poison');
  return { output: { doubled: value * 2 } };
}

async function sum({ input, outputs, onSuccess, attempt }: StepContext<Numbers>): Promise<StepResult> {
  const doubles = outputs<{ doubled: number }>('double').map(({ doubled }) => doubled);
  const [{ count }] = outputs<{ count: number }>('split');
  onSuccess(async (manager) => {
    await manager.query(`INSERT INTO published VALUES ($1)`, [doubles.join('+')]);
    if (input.behaviour === 'half-publish' && attempt === 1) throw new Error('the disk blinked');
  });
  return { output: { doubles, count, sum: doubles.reduce((total, value) => total + value, 0) } };
}

describe('a workflow', () => {
  let database: TestDatabase;
  let worker: INestApplicationContext;
  let workflows: WorkflowsService;

  const sql = async <T>(text: string, values: unknown[] = []) =>
    (await database.client.query(text, values)).rows as T[];
  const start = (numbers: number[], how?: Numbers['behaviour'], dedupeKey?: string) =>
    workflows.start(DOUBLING, { numbers, behaviour: how }, { dedupeKey });
  const steps = (id: string) =>
    sql<{ step: string; shard: number; state: string }>(
      `SELECT step, shard, state FROM workflow_steps WHERE run_id = $1 ORDER BY step, shard`,
      [id],
    );

  async function until(id: string, ready: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) if (await ready()) return;
    const jobs = await sql(
      `SELECT id, kind, state, attempt, enqueued_at, heartbeat_at, now() FROM jobs WHERE payload ->> 'run_id' = $1`,
      [id],
    );
    const entries = await sql(`SELECT queue, id, state FROM bullmq.job`);
    throw new Error(`run ${id} stands still: ${JSON.stringify({ steps: await steps(id), jobs, entries })}`);
  }
  async function end(id: string) {
    await until(id, async () => (await workflows.get(id)).state !== 'running');
    return workflows.get(id);
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    await sql('CREATE TABLE published (what text)');
    const config = loadConfig({
      DATABASE_URL: database.url,
      DATA_DIR: mkdtempSync(join(tmpdir(), 'shelfcast-workflow-')),
    });
    const ours = { 'sales-import': split, 'forecast-generation': double, 'model-training': sum };
    @Module({
      imports: [
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot('test'),
        QueueModule.forWorker(),
        WorkflowModule.forWorker(),
      ],
      providers: QUEUE_NAMES.map((queue) =>
        queue in ours
          ? stepStandIn(queue, ours[queue as keyof typeof ours])
          : jobStandIn(queue, () => Promise.resolve({})),
      ),
    })
    class Root {}
    worker = await NestFactory.createApplicationContext(Root, { logger: false });
    workflows = worker.get(WorkflowsService);
  });
  afterEach(async () => {
    behaviour.attempts.length = 0;
    behaviour.poison = true;
    await sql('TRUNCATE published');
  });
  afterAll(async () => {
    await worker.close();
    await database.drop();
  });

  it('hands outputs on from step to step, shards in order, and answers the last', async () => {
    const run = await start([1, 2, 3, 4, 5]);
    expect(run).toMatchObject({ name: 'doubling', state: 'running' });
    expect(await end(run.id)).toMatchObject({
      state: 'succeeded',
      outcome: 'completed',
      result: { doubles: [2, 4, 6, 8, 10], count: 5, sum: 30 },
    });
    expect(await sql('SELECT what FROM published')).toEqual([{ what: '2+4+6+8+10' }]);
  });

  it('goes on where there is nothing to shard', async () => {
    const { id } = await start([]);
    expect(await end(id)).toMatchObject({ state: 'succeeded', result: { doubles: [], sum: 0 } });
    expect(await steps(id)).toContainEqual({ step: 'double', shard: 0, state: 'skipped' });
  });

  it('skips the rest where a step says so', async () => {
    const { id } = await start([1], 'gate');
    expect(await end(id)).toMatchObject({ state: 'succeeded', outcome: 'gate refused', result: { passed: false } });
    expect((await steps(id)).map(({ state }) => state)).toEqual(['skipped', 'succeeded', 'skipped']);
  });

  it('tries a shard again after a passing fault, and that shard alone', async () => {
    const { id } = await start([1, 2, 3], 'flaky');
    expect(await end(id)).toMatchObject({ state: 'succeeded', result: { sum: 12 } });
    expect(behaviour.attempts.sort()).toEqual(
      [1, 2, 2, 3].map((value, index) => `double ${value} attempt ${index === 2 ? 2 : 1}`),
    );
  });

  it('lets a poison shard fail alone, tells which and why, and goes on from there when told to', async () => {
    const { id } = await start([1, 2, 3], 'poison');
    expect(await end(id)).toMatchObject({
      state: 'failed',
      error: { code: 'STEPS_FAILED', message: 'double shard 2 of 3: INVALID_REQUEST: value: is poison' },
    });
    expect((await steps(id)).map(({ state }) => state)).toEqual([
      'succeeded',
      'failed',
      'succeeded',
      'succeeded',
      'pending',
    ]);
    const alerts = () => sql(`SELECT state, detail ->> 'run_id' AS run FROM alerts WHERE kind = 'workflow.failed'`);
    expect(await alerts()).toEqual([{ state: 'open', run: id }]);
    behaviour.poison = false;
    expect(await workflows.retry(id)).toMatchObject({ state: 'running', error: null });
    expect(await end(id)).toMatchObject({ state: 'succeeded', result: { doubles: [2, 4, 6] } });
    expect(await alerts()).toEqual([{ state: 'resolved', run: id }]);
    expect(behaviour.attempts.filter((attempt) => !attempt.startsWith('double 2'))).toHaveLength(2);
  });

  it('publishes in the transaction that records the success, or not at all', async () => {
    const { id } = await start([7], 'half-publish');
    expect(await end(id)).toMatchObject({ state: 'succeeded' });
    expect(await sql('SELECT what FROM published')).toEqual([{ what: '14' }]);
    expect(
      await sql(`SELECT attempt FROM jobs WHERE kind = 'model-training' AND payload ->> 'run_id' = $1`, [id]),
    ).toEqual([{ attempt: 2 }]);
  });

  it('is joined by a second request of the same key while it runs', async () => {
    const runs = await Promise.all(Array.from({ length: 10 }, () => start([1], 'wait', 'same')));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    const [{ id }] = runs;
    await workflows.cancel(id);
    await end(id);
    const again = await start([1], undefined, 'same');
    expect(again.id).not.toBe(id);
    await end(again.id);
  });

  it('ends with its jobs when it is cancelled', async () => {
    const { id } = await start([1, 2, 3], 'wait');
    await until(id, async () => (await steps(id)).some(({ step, state }) => step === 'double' && state === 'running'));
    await workflows.cancel(id);
    expect(await end(id)).toMatchObject({ state: 'cancelled' });
    expect(
      await sql(`SELECT DISTINCT state FROM jobs WHERE payload ->> 'run_id' = $1 AND kind = 'forecast-generation'`, [
        id,
      ]),
    ).toEqual([{ state: 'cancelled' }]);
    expect(await workflows.cancel(id)).toMatchObject({ state: 'cancelled' });
  });

  it('ends when the job of its only open step is cancelled by itself', async () => {
    const { id } = await start([1], 'wait');
    await until(id, async () => (await steps(id)).some(({ step, state }) => step === 'double' && state === 'running'));
    const [{ job_id }] = await sql<{ job_id: string }>(
      `SELECT job_id FROM workflow_steps WHERE run_id = $1 AND step = 'double'`,
      [id],
    );
    await worker.get(JobsService).cancel(job_id);
    expect(await end(id)).toMatchObject({ state: 'cancelled' });
  });

  it('is moved on by the sweeper where the worker died between the end of a job and what follows', async () => {
    const { id } = await start([1], 'wait');
    await until(id, async () => (await steps(id)).some(({ step, state }) => step === 'double' && state === 'running'));
    // As if another worker had ended the job and then died: the one here notices and stays silent.
    await sql(
      `UPDATE jobs SET attempt = attempt + 1, state = 'succeeded', result = '{"output":{"doubled":99}}', finished_at = now()
       WHERE id = (SELECT job_id FROM workflow_steps WHERE run_id = $1 AND step = 'double')`,
      [id],
    );
    await worker.get(WorkflowSweeper).sweep();
    expect(await end(id)).toMatchObject({ state: 'succeeded', result: { sum: 99 } });
  });
});
