import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasRedis, startTestRedis, TestRedis } from '../support/test-redis.ts';
import { DOUBLING, startWorkflowBench, WorkflowBench } from '../support/workflow-runs.ts';

const backends = hasRedis ? (['PostgreSQL', 'Redis'] as const) : (['PostgreSQL'] as const);
if (!hasRedis) process.stderr.write('No redis-server on this machine: it is PostgreSQL alone that forgets\n');

const RUNS = 12;

describe.each(backends)('a queue on %s that forgets everything', (backend) => {
  let redis: TestRedis | undefined;
  let bench: WorkflowBench;

  beforeEach(async () => {
    redis = backend === 'Redis' ? await startTestRedis() : undefined;
    bench = await startWorkflowBench(redis?.url);
  });
  afterEach(async () => {
    await bench.stop();
    await redis?.stop();
  });

  async function forget(): Promise<void> {
    if (!redis) {
      await bench.sql('DELETE FROM bullmq.job');
      return;
    }
    await Promise.all(redis.primaries().map((operator) => operator.flushall()));
  }
  const unfinished = async () =>
    (await bench.sql<{ count: number }>(`SELECT count(*)::int FROM workflow_runs WHERE state = 'running'`))[0].count;

  it('loses no run: the sweeper wakes what was queued, and what was at work goes on', async () => {
    await bench.worker();
    const ids: string[] = [];
    for (let n = 0; n < RUNS; n++)
      ids.push((await bench.workflows.start(DOUBLING, { numbers: [n, n + 1], stepMs: 20 })).id);
    await bench.until('some runs ended', async () => (await unfinished()) < RUNS - 2);
    await forget();
    for (const [n, id] of ids.entries())
      expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 4 * n + 2 } });
    const effects = await bench.sql<{ count: number }>(
      `SELECT count(*)::int FROM effects GROUP BY run_id, step, shard HAVING count(*) <> 1`,
    );
    expect(effects).toEqual([]);
    expect(await bench.sql(`SELECT count(*)::int FROM effects`)).toEqual([{ count: RUNS * 4 }]);
  });

  it('would keep a job for ever if nobody swept', async () => {
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [1] });
    await forget();
    // A worker whose sweeper has not looked yet.
    await bench.worker();
    await sleep(2_000);
    expect(await bench.workflows.get(id)).toMatchObject({ state: 'running' });
    expect(await bench.sql(`SELECT state, attempt FROM jobs`)).toEqual([{ state: 'queued', attempt: 0 }]);
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded' });
  });
});
