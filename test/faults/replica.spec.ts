import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';
import { uploadSales } from '../support/imports.ts';
import { ReplicatedDatabase, startReplicatedDatabase } from '../support/streaming-replica.ts';
import { asUser } from '../support/test-database.ts';

const WAIT_MS = 60_000;

let servers: ReplicatedDatabase;
let api: TestApi;
let worker: INestApplicationContext;
let other: string;

beforeAll(async () => {
  servers = await startReplicatedDatabase();
  api = await startApi(
    // The second replica is not there at all, which must neither stop the start nor any request.
    {
      DATABASE_REPLICA_URLS: `${asUser(servers.replica.url, 'api')},postgres://nobody@127.0.0.1:1/nothing`,
      DATABASE_REPLICA_MAX_LAG_SECONDS: '20',
    },
    () => asUser(servers.primary.url, 'api'),
  );
  worker = await startWorker(api.config);
  other = await api.tokenOf('planner');
});
afterAll(async () => {
  await worker?.close();
  await api?.stop();
  await servers?.stop();
});
beforeEach(async () => {
  await servers.onReplica.query('SELECT pg_wal_replay_resume()');
  await caughtUp();
});

/** Waits until the replica has replayed all that was written. */
async function caughtUp(): Promise<void> {
  const [{ position }] = (await servers.onPrimary.query('SELECT pg_current_wal_flush_lsn()::text AS position')).rows;
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(50)) {
    const { rows } = await servers.onReplica.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done', [position]);
    if (rows[0].done) return;
  }
  throw new Error('The replica did not catch up');
}

const get = (path: string, token = api.adminToken) =>
  api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${token}`);

async function served(): Promise<Record<string, number>> {
  const { text } = await api.http.get('/metrics').set('authorization', `Bearer ${api.adminToken}`);
  const counts = [...text.matchAll(/^database_reads_total\{source="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(counts.map(([, source, count]) => [source, Number(count)]));
}

/** Asks until the answer came from a server. */
async function untilServedBy(source: 'primary' | 'replica', ask: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(100)) {
    const before = (await served())[source] ?? 0;
    await ask();
    if (((await served())[source] ?? 0) > before) return;
  }
  throw new Error(`No answer came from the ${source}`);
}

const names = async (token?: string) =>
  (await get('/products?limit=100', token).expect(200)).body.items.map(({ sku }: { sku: string }) => sku) as string[];

async function create(sku: string): Promise<void> {
  await api.http
    .post('/api/v1/products')
    .set('authorization', `Bearer ${api.adminToken}`)
    .send({ sku, name: sku })
    .expect(201);
}

describe('with a replica', () => {
  it('lists, totals and reports are read from it', async () => {
    await untilServedBy('replica', () => get('/products').expect(200));
    await untilServedBy('replica', () => get('/locations').expect(200));
    await untilServedBy('replica', () => get('/sales-data/summary').expect(200));
    await untilServedBy('replica', () => get('/reports/data-quality?from=2024-01-01&to=2024-01-31').expect(200));
    await untilServedBy('replica', () => get('/reports/lost-sales?from=2024-01-01&to=2024-01-31').expect(200));
  });

  it('that lags, a user sees what they wrote, at once, and others what there was', async () => {
    await untilServedBy('replica', () => names(other));
    await servers.onReplica.query('SELECT pg_wal_replay_pause()');
    await create('NEW-1');
    // The replica does not have it, and answers those who know nothing of it.
    expect((await servers.onReplica.query(`SELECT 1 FROM products WHERE sku = 'NEW-1'`)).rowCount).toBe(0);
    const before = await served();
    expect(await names()).toContain('NEW-1');
    expect((await served()).primary).toBe((before.primary ?? 0) + 1);
    expect(await names(other)).not.toContain('NEW-1');

    await servers.onReplica.query('SELECT pg_wal_replay_resume()');
    await caughtUp();
    await untilServedBy('replica', () => names());
    expect(await names()).toContain('NEW-1');
  });

  it('that lags, a user who is told that a load has ended finds its sales', async () => {
    await untilServedBy('replica', () => get('/sales-data/summary').expect(200));
    await servers.onReplica.query('SELECT pg_wal_replay_pause()');
    const content = 'date,sku,location,quantity_sold\n2024-05-01,LAGGED,S1,3\n';
    await jobEnd(api, await uploadSales(api, Buffer.from(content)));
    const { body } = await get('/sales-data/summary').expect(200);
    expect(body).toMatchObject({ total_quantity: 3, last_date: '2024-05-01' });
  });

  it('that is too far behind, nobody is answered from it until it has caught up', async () => {
    await untilServedBy('replica', () => names(other));
    await servers.onReplica.query('SELECT pg_wal_replay_pause()');
    await create('NEW-2');
    await untilServedBy('primary', () => names(other));
    expect(await names(other)).toContain('NEW-2');
    await servers.onReplica.query('SELECT pg_wal_replay_resume()');
    await untilServedBy('replica', () => names(other));
  });

  it('that goes away, the primary answers', async () => {
    await untilServedBy('replica', () => names(other));
    await servers.replica.stop();
    expect(await names(other)).toContain('NEW-2');
    await untilServedBy('primary', () => names(other));
    expect(await names(other)).toContain('NEW-2');
  });
});
