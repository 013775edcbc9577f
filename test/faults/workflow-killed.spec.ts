import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { DOUBLING, LOCK_MS, startWorkflowBench, WorkflowBench } from '../support/workflow-runs.ts';

const KILLS = 4;
const STEP_MS = 400;
/** How often the sweeper looks, and what a process on a busy machine may add. */
const SWEEP_MS = 5_000;
const SLACK_MS = 5_000;

let bench: WorkflowBench;
beforeEach(async () => {
  bench = await startWorkflowBench();
});
afterEach(() => bench.stop());

const running = () =>
  bench.sql<{ id: string; attempt: number; step: string }>(
    `SELECT id, attempt, payload ->> 'step' AS step FROM jobs WHERE state = 'running' AND heartbeat_at > now() - interval '1 second'`,
  );
const effects = (run: string) =>
  bench.sql<{ step: string; shard: number; attempt: number }>(
    `SELECT step, shard, attempt FROM effects WHERE run_id = $1 ORDER BY step, shard`,
    [run],
  );

describe('a workflow whose worker', () => {
  it('is killed again and again goes on from where it stood: each effect once, though work was begun more often', async () => {
    let worker = await bench.worker();
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [1, 2, 3, 4, 5, 6], stepMs: STEP_MS });
    const resumed: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await bench.until('a step at work', async () => (await running()).length > 0);
      await sleep(Math.random() * STEP_MS);
      const [job] = await running();
      await bench.kill(worker);
      const killed = Date.now();
      worker = await bench.worker();
      if (!job) continue;
      await bench.until(`another attempt at ${job.step}`, async () => {
        const [row] = await bench.sql<{ attempt: number; state: string }>(
          `SELECT attempt, state FROM jobs WHERE id = $1`,
          [job.id],
        );
        return row.attempt > job.attempt || row.state === 'succeeded';
      });
      resumed.push(Date.now() - killed);
    }
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 42 } });
    expect(Math.max(...resumed)).toBeLessThan(LOCK_MS + SWEEP_MS + SLACK_MS);
    expect((await effects(id)).map(({ step, shard }) => `${step} ${shard}`)).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((shard) => `double ${shard}`),
      'split 0',
      'sum 0',
    ]);
    // What a step does outside the transaction of its success is done again: that is what the kills would do to it.
    const [{ begun }] = await bench.sql<{ begun: number }>(`SELECT count(*)::int AS begun FROM begun`);
    expect(begun).toBeGreaterThan(8);
  });

  it('stood still and was taken for dead writes nothing when it wakes up', async () => {
    const zombie = await bench.worker();
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [21], stepMs: 1_500 });
    await bench.until('the shard at work', async () => (await running()).some(({ step }) => step === 'double'));
    await sleep(500);
    zombie.kill('SIGSTOP');
    await bench.worker();
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 42 } });
    const before = await effects(id);
    zombie.kill('SIGCONT');
    // It finishes its work, which is nobody's by now.
    await sleep(3_000);
    expect(await effects(id)).toEqual(before);
    expect(before).toContainEqual({ step: 'double', shard: 0, attempt: 2 });
    expect(
      await bench.sql(`SELECT step, output ->> 'attempt' AS attempt FROM workflow_steps WHERE step = 'double'`),
    ).toEqual([{ step: 'double', attempt: '2' }]);
  });

  it('stood still would write if its attempt were still the latest', async () => {
    const zombie = await bench.worker();
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [21], stepMs: 1_500 });
    await bench.until('the shard at work', async () => (await running()).some(({ step }) => step === 'double'));
    await sleep(500);
    zombie.kill('SIGSTOP');
    await sleep(LOCK_MS + 1_000);
    expect(await effects(id)).toHaveLength(1);
    zombie.kill('SIGCONT');
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 42 } });
    expect(await effects(id)).toContainEqual({ step: 'double', shard: 0, attempt: 1 });
  });

  it('is told to end hands its step back, and another goes on at once', async () => {
    const told = await bench.worker();
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [21], stepMs: 1_500 });
    await bench.until('the shard at work', async () => (await running()).some(({ step }) => step === 'double'));
    await bench.worker();
    const started = Date.now();
    await bench.kill(told, 'SIGTERM');
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 42 } });
    // Handed back is not failed.
    expect(await bench.sql(`SELECT failures, losses FROM jobs WHERE payload ->> 'step' = 'double'`)).toEqual([
      { failures: 0, losses: 0 },
    ]);
  });
});
