import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DOUBLING, startWorkflowBench, WorkflowBench } from '../support/workflow-runs.ts';

let bench: WorkflowBench;
beforeAll(async () => {
  bench = await startWorkflowBench();
  await bench.worker();
});
afterAll(() => bench.stop());

/** How the shards of a run stand, in their order. */
const shards = (run: string) =>
  bench.sql<{ state: string; code: string | null; failures: number; dead: boolean }>(
    `SELECT s.state, s.error ->> 'code' AS code, j.failures, j.dead_lettered_at IS NOT NULL AS dead
     FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id WHERE s.run_id = $1 AND s.step = 'double' ORDER BY s.shard`,
    [run],
  );

describe.each([
  ['throws', 'JOB_FAILED'],
  ['memory', 'ERR_WORKER_OUT_OF_MEMORY'],
  ['loop', 'TIMED_OUT'],
])('a shard that %s', (poison, code) => {
  it('is a dead letter after its attempts, while the good ones behind it finish; the run tells which and why', async () => {
    const input = { numbers: [1, 2, 3, 4, 5], poison: { 1: poison } };
    const { id } = await bench.workflows.start(DOUBLING, input);
    const run = await bench.end(id, 90_000);
    expect(run).toMatchObject({ state: 'failed', error: { code: 'STEPS_FAILED' } });
    expect(run.error?.message).toMatch(new RegExp(`^double shard 2 of 5: ${code}: `));
    const good = { state: 'succeeded', code: null, failures: 0, dead: false };
    expect(await shards(id)).toEqual([good, { state: 'failed', code, failures: 3, dead: true }, good, good, good]);
    expect(await bench.sql(`SELECT state FROM workflow_steps WHERE run_id = $1 AND step = 'sum'`, [id])).toEqual([
      { state: 'pending' },
    ]);
  });
});

describe('a worker that has met all this', () => {
  it('does good work on', async () => {
    const { id } = await bench.workflows.start(DOUBLING, { numbers: [1, 2] });
    expect(await bench.end(id)).toMatchObject({ state: 'succeeded', result: { sum: 6 } });
  });
});
