import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { defineWorkflow, WorkflowsService } from '../../src/platform/workflow/index.ts';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

const queue = 'sales-import' as const;
const TWO = defineWorkflow({
  name: 'two-steps',
  steps: {
    first: { queue, after: [] },
    second: { queue: 'model-training', after: ['first'], shards: 'from-parent', weight: 3 },
  },
});

let api: TestApi;
let workflows: WorkflowsService;
beforeAll(async () => {
  api = await startApi();
  workflows = api.app.get(WorkflowsService);
});
afterAll(() => api.stop());

const send = (method: 'get' | 'post' | 'delete', path: string) =>
  api.http[method](`/api/v1${path}`).set('authorization', `Bearer ${api.adminToken}`);
const sql = (text: string, values: unknown[] = []) => api.database.client.query(text, values);
const start = (input = {}) => workflows.start(TWO, input);

/** What a worker would write at the end of the job of a shard. */
async function end(
  run: string,
  step: string,
  shard: number,
  state: 'succeeded' | 'failed',
  said: object,
  dead = false,
) {
  await sql(
    `UPDATE jobs SET state = $4, attempt = 3, started_at = now() - interval '5 seconds', finished_at = now(),
       result = CASE WHEN $4 = 'succeeded' THEN $5::jsonb END, error = CASE WHEN $4 = 'failed' THEN $5::jsonb END,
       dead_lettered_at = CASE WHEN $6 THEN now() END
     WHERE id = (SELECT job_id FROM workflow_steps WHERE run_id = $1 AND step = $2 AND shard = $3)`,
    [run, step, shard, state, JSON.stringify(said), dead],
  );
  await workflows.advance(run);
}

/** A run whose second of two shards is a dead letter. */
async function failedRun(): Promise<string> {
  const { id } = await start({ of: 'two' });
  await end(id, 'first', 0, 'succeeded', { output: { rows: 7 }, shards: [{ part: 1 }, { part: 2 }] });
  await end(id, 'second', 0, 'succeeded', { output: { done: true } });
  await end(id, 'second', 1, 'failed', { code: 'TIMED_OUT', message: 'Took too long', detail: 'looped' }, true);
  return id;
}

const audited = async (entity: string, id: string) =>
  (await send('get', `/admin/audit?entity=${entity}&entity_id=${id}`).expect(200)).body.items as {
    action: string;
    actor: string;
  }[];

describe('runs of workflows', () => {
  it('are listed latest first, by name and state, a page at a time', async () => {
    const [first, second] = [await start(), await start()];
    const path = '/admin/workflows?name=two-steps&state=running&limit=1';
    const page = (await send('get', path).expect(200)).body;
    expect(page.items).toEqual([
      expect.objectContaining({
        id: second.id,
        name: 'two-steps',
        state: 'running',
        percent: 0,
        outcome: null,
        error: null,
      }),
    ]);
    const next = (await send('get', `${path}&cursor=${page.next_cursor}`).expect(200)).body;
    expect(next.items[0].id).toBe(first.id);
    expect((await send('get', '/admin/workflows?name=none').expect(200)).body).toEqual({
      items: [],
      next_cursor: null,
    });
    for (const wrong of ['state=asleep', 'cursor=x', 'limit=0', 'nmae=x'])
      expect((await send('get', `/admin/workflows?${wrong}`).expect(400)).body.errors[0].field).toBe(
        wrong.split('=')[0],
      );
  });

  it('show their graph: steps, shards, attempts, durations, outputs and errors', async () => {
    const id = await failedRun();
    const { body } = await send('get', `/admin/workflows/${id}`).expect(200);
    expect(body).toMatchObject({
      state: 'failed',
      // The first of weights 1 and 3, and half of the second.
      percent: 62,
      input: { of: 'two' },
      error: { code: 'STEPS_FAILED', message: 'second shard 2 of 2: TIMED_OUT: Took too long' },
      steps: [
        {
          step: 'first',
          queue,
          after: [],
          fans_out: false,
          shards: [{ shard: 0, state: 'succeeded', attempts: 3, output: { rows: 7 }, error: null }],
        },
        {
          step: 'second',
          queue: 'model-training',
          after: ['first'],
          fans_out: true,
          percent: 50,
          shards: [
            { shard: 0, state: 'succeeded', descriptor: { part: 1 }, output: { done: true } },
            { shard: 1, state: 'failed', descriptor: { part: 2 }, error: { code: 'TIMED_OUT', detail: 'looped' } },
          ],
        },
      ],
    });
    expect(body.steps[0].shards[0].duration_seconds).toBeCloseTo(5, 1);
    await send('get', `/admin/workflows/${randomUUID()}`).expect(404);
    expect((await send('get', '/admin/workflows/x').expect(400)).body.errors[0].field).toBe('id');
  });

  it('go on from where they failed when told to, once', async () => {
    const id = await failedRun();
    expect((await send('post', `/admin/workflows/${id}/retry`).expect(200)).body).toMatchObject({
      state: 'running',
      error: null,
      steps: [{ shards: [{ state: 'succeeded' }] }, { shards: [{ state: 'succeeded' }, { state: 'queued' }] }],
    });
    await send('post', `/admin/workflows/${id}/retry`).expect(409);
    await end(id, 'second', 1, 'succeeded', { output: { done: true } });
    expect((await send('get', `/admin/workflows/${id}`).expect(200)).body).toMatchObject({
      state: 'succeeded',
      percent: 100,
    });
    expect(await audited('workflow', id)).toEqual([
      expect.objectContaining({ action: 'workflow.retried', actor: ADMIN.email }),
    ]);
  });

  it('end with their jobs when cancelled, and stay so', async () => {
    const { id } = await start();
    for (let time = 0; time < 2; time++)
      expect((await send('post', `/admin/workflows/${id}/cancel`).expect(200)).body).toMatchObject({
        state: 'cancelled',
        steps: [{ shards: [{ state: 'cancelled' }] }, { shards: [{ state: 'pending' }] }],
      });
    expect(await audited('workflow', id)).toHaveLength(1);
    await send('post', `/admin/workflows/${id}/retry`).expect(409);
  });

  it('answer as jobs do to whoever asked for them', async () => {
    const id = await failedRun();
    expect((await send('get', `/jobs/${id}`).expect(200)).body).toMatchObject({
      id,
      kind: 'two-steps',
      state: 'failed',
      progress: { percent: 62 },
      error: { code: 'STEPS_FAILED' },
    });
    const other = await start();
    expect((await send('delete', `/jobs/${other.id}`).expect(200)).body).toMatchObject({ state: 'cancelled' });
  });
});

describe('queues', () => {
  const of = async (name: string) => {
    const { items } = (await send('get', '/admin/queues').expect(200)).body;
    return (items as { name: string }[]).find((item) => item.name === name);
  };

  it('tell their settings and how many jobs stand where', async () => {
    await sql('TRUNCATE jobs CASCADE');
    await sql(`INSERT INTO jobs (kind, enqueued_at) VALUES ($1, now() - interval '90 seconds')`, [queue]);
    await sql(`INSERT INTO jobs (kind, enqueued_at) VALUES ($1, now() + interval '90 seconds')`, [queue]);
    expect(await of(queue)).toMatchObject({
      concurrency: 1,
      attempts: 3,
      lock_seconds: 30,
      waiting: 1,
      delayed: 1,
      running: 0,
    });
    expect(await of(queue)).toHaveProperty('oldest_waiting_seconds', expect.closeTo(90, -1));
    expect(await of('model-training')).toMatchObject({ waiting: 0, oldest_waiting_seconds: null });
  });

  it('list their dead letters and put them back; a run goes on with its own', async () => {
    await sql('TRUNCATE jobs CASCADE');
    const runs = [await failedRun(), await failedRun()];
    expect(await of('model-training')).toMatchObject({ failed: 2, dead_letters: 2 });
    const page = (await send('get', '/admin/queues/model-training/dead-letters?limit=1').expect(200)).body;
    expect(page.items).toEqual([
      expect.objectContaining({ payload: { run_id: runs[1], step: 'second', shard: 1 }, attempts: 3 }),
    ]);
    const next = await send('get', `/admin/queues/model-training/dead-letters?cursor=${page.next_cursor}`).expect(200);
    expect(next.body).toMatchObject({
      items: [{ payload: { run_id: runs[0] }, error: { detail: 'looped' } }],
      next_cursor: null,
    });

    const redrive = (body: object) => send('post', '/admin/queues/model-training/redrive').send(body);
    expect((await redrive({ job_ids: [page.items[0].job_id] }).expect(200)).body).toEqual({
      redriven: 1,
      dead_letters: 1,
    });
    expect(await workflows.get(runs[1])).toMatchObject({ state: 'running' });
    expect(await workflows.get(runs[0])).toMatchObject({ state: 'failed' });
    expect((await redrive({}).expect(200)).body).toEqual({ redriven: 1, dead_letters: 0 });
    expect((await redrive({}).expect(200)).body).toEqual({ redriven: 0, dead_letters: 0 });
    expect(await audited('queue', 'model-training')).toHaveLength(2);
  });

  it('leave a dead letter whose work has been asked for again meanwhile', async () => {
    await sql('TRUNCATE jobs CASCADE');
    const dead = `INSERT INTO jobs (kind, dedupe_key, state, error, dead_lettered_at) VALUES ($1, $2, 'failed', '{"code":"X","message":"y"}', now())`;
    for (const key of ['again', 'twice', 'twice']) await sql(dead, [queue, key]);
    await sql(`INSERT INTO jobs (kind, dedupe_key) VALUES ($1, 'again')`, [queue]);
    const { body } = await send('post', `/admin/queues/${queue}/redrive`).send({}).expect(200);
    expect(body).toEqual({ redriven: 1, dead_letters: 2 });
  });

  it('refuse unknown names and malformed requests by field', async () => {
    await send('post', '/admin/queues/none/redrive').send({}).expect(404);
    await send('get', '/admin/queues/toString/dead-letters').expect(404);
    const { body } = await send('post', `/admin/queues/${queue}/redrive`)
      .send({ job_ids: ['x'] })
      .expect(400);
    expect(body.errors[0].field).toBe('job_ids');
  });
});
