import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ REQUEST_TIMEOUT_SECONDS: '2' });
});
afterAll(async () => api.stop());

const as = (test: ReturnType<TestApi['http']['get']>) => test.set('authorization', `Bearer ${api.adminToken}`);

/** Runs `work` while nobody else gets at a table. */
async function whileLocked<T>(table: string, work: () => Promise<T>): Promise<T> {
  await api.database.client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  try {
    return await work();
  } finally {
    await api.database.client.query('ROLLBACK');
  }
}

/** Statements of the API that wait for the table. */
async function waiting(): Promise<number> {
  const { rows } = await api.database.client.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'shelfcast-api' AND wait_event_type = 'Lock'`,
  );
  return rows[0].waiting;
}

async function untilNoneWaits(): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) if (!(await waiting())) return;
  throw new Error('Statements go on waiting');
}

describe('with a database that does not come to an end', () => {
  it('a read is 504, and leaves no statement behind', async () => {
    await whileLocked('products', async () => {
      const { body } = await as(api.http.get('/api/v1/products')).expect(504);
      expect(body).toMatchObject({ code: 'REQUEST_TIMEOUT', instance: '/api/v1/products' });
      await untilNoneWaits();
    });
    await as(api.http.get('/api/v1/products')).expect(200);
  });

  it('a write is 504, changes nothing, and can be sent again with its Idempotency-Key', async () => {
    const add = () =>
      as(api.http.post('/api/v1/locations')).set('idempotency-key', 'a-slow-one').send({ code: 'SLOW', name: 'Slow' });
    await whileLocked('locations', async () => {
      await add().expect(504);
      await untilNoneWaits();
    });
    const { rows } = await api.database.client.query(`SELECT 1 FROM locations WHERE code = 'SLOW'`);
    expect(rows).toEqual([]);
    // The key is given back while the answer is on its way.
    let status = 409;
    for (let tries = 0; status === 409 && tries < 100; tries++) {
      ({ status } = await add());
      await sleep(50);
    }
    expect(status).toBe(201);
    expect((await add().expect(201)).headers['idempotency-replayed']).toBe('true');
  });
});
