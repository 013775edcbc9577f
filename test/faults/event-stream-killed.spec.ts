import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, TestApi } from '../support/test-app.ts';
import { forkWorker, WorkerProcess } from '../support/worker-process.ts';

let api: TestApi;
let workers: WorkerProcess[];
beforeEach(async () => {
  api = await startApi();
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.kill();
  await api.stop();
});

const sql = async (text: string, values: unknown[] = []) => (await api.database.client.query(text, values)).rows;

async function start(): Promise<WorkerProcess> {
  const worker = await forkWorker(api);
  workers.push(worker);
  return worker;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) if (await holds()) return;
  throw new Error(`It never came about that ${what}`);
}

async function send(from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    event_id: `e${from + i}`,
    occurred_at: new Date().toISOString(),
    sku: `SKU-${(from + i) % 7}`,
    location: 'DS1',
    quantity: 1,
  }));
  const { body } = await api.http
    .post('/api/v1/sales-data/events')
    .set('authorization', `Bearer ${api.adminToken}`)
    .send(events)
    .expect(202);
  expect(body).toMatchObject({ accepted: count, rejected: [] });
}

const sold = async () =>
  ((await sql('SELECT coalesce(sum(quantity_sold), 0) AS sold FROM sales')) as { sold: number }[])[0].sold;

describe('a worker that is killed while it stores events', () => {
  it('leaves nothing half stored; another stores all of them once', async () => {
    await send(0, 500);
    // The job comes after the answer.
    let job: { id: string } | undefined;
    await until('there is a job', async () => {
      [job] = (await sql(`SELECT id FROM jobs WHERE kind = 'stream-store'`)) as { id: string }[];
      return job !== undefined;
    });
    // Whoever holds the job's row holds the storing up at its last statement before the commit.
    const holder = new pg.Client({ connectionString: api.database.url });
    holder.on('error', () => undefined);
    await holder.connect();
    const first = await start();
    await until(
      'the job runs',
      async () => (await sql(`SELECT 1 FROM jobs WHERE id = $1 AND state = 'running'`, [job?.id])).length > 0,
    );
    await until('the first events are stored', async () => (await sold()) === 500);
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [job?.id]);
    await send(250, 500);
    await until('the storing is held up', async () => {
      await sql('SELECT pg_stat_clear_snapshot()');
      const waiting = await sql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'shelfcast-bulk'
           AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'`,
      );
      return waiting.length > 0;
    });
    await first.kill();
    await holder.query('ROLLBACK');
    await holder.end();
    expect(await sold()).toBe(500);
    await send(600, 300);

    await sql(`UPDATE jobs SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE state = 'running'`);
    await start();
    await until(
      'all are stored',
      async () => (await sql('SELECT 1 FROM stream_batches WHERE shard IS NULL')).length === 0,
    );
    expect(await sold()).toBe(900);
    expect(await sql('SELECT count(*)::int AS ids FROM stream_ids')).toEqual([{ ids: 900 }]);
  });
});
