import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { salesFile, uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';
import { openTcpGate, TcpGate } from '../support/tcp-gate.ts';

let api: TestApi;
let worker: INestApplicationContext | null = null;
let gate: TcpGate | null = null;
afterEach(async () => {
  await worker?.close();
  await api.stop();
  await gate?.shut();
  worker = gate = null;
});

/** What is printed past the log: a queue without a listener for its errors does that. */
const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
afterEach(() => {
  expect(printed).not.toHaveBeenCalled();
});

const get = (path: string) => api.http.get(path).set('authorization', `Bearer ${api.adminToken}`);
const DATA_ROUTES = ['/api/v1/products', '/api/v1/locations', '/api/v1/sales-data/uploads', '/api/v1/users'];

/** What an answer must not tell anybody: our code, our statements, our servers. */
const INSIDE = /\bat .+:\d+|node_modules|SELECT|FROM |127\.0\.0\.1|localhost|ECONN|test_[0-9a-f]{8}|shelfcast-|pg_/i;

async function expectAway(): Promise<void> {
  await get('/health/live').expect(200);
  for (const [path, code] of [
    ['/health/ready', 'NOT_READY'],
    ...DATA_ROUTES.map((route) => [route, 'DATABASE_UNAVAILABLE']),
  ]) {
    const { status, headers, body, text } = await get(path);
    expect({ path, status, code: body.code, inside: INSIDE.exec(text)?.[0] ?? null }).toEqual({
      path,
      status: 503,
      code,
      inside: null,
    });
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json/),
      'retry-after': '5',
    });
  }
  const login = await api.http.post('/api/v1/auth/login').send({ email: 'a@example.test', password: 'whatever it is' });
  expect(login.status).toBe(503);
}

async function expectThere(): Promise<void> {
  for (const path of ['/health/live', '/health/ready', ...DATA_ROUTES]) await get(path).expect(200);
}

/** The servers' url, seen through a gate that only what is given this url passes. */
async function startBehindGate(): Promise<void> {
  const server = new URL(process.env.TEST_SERVER_URL as string);
  gate = await openTcpGate({ host: server.hostname, port: Number(server.port) });
  const { port } = gate;
  api = await startApi({}, (url) => {
    const gated = new URL(url);
    gated.port = String(port);
    return gated.href;
  });
}

describe('the database', () => {
  it('that cannot be reached is said to be away, and is used again once it can', async () => {
    await startBehindGate();
    await expectThere();
    await gate?.shut();
    await expectAway();
    await gate?.open();
    await expectThere();
  });

  it('that was dropped is said to be away', async () => {
    api = await startApi();
    await expectThere();
    const name = new URL(api.database.url).pathname.slice(1);
    const admin = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
    await admin.connect();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    await expectAway();
  });

  it('that ends all connections is used again by the next request and by a worker that slept', async () => {
    api = await startApi();
    worker = await startWorker(api.config);
    await expectThere();
    const { rowCount } = await api.database.client.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    expect(rowCount).toBeGreaterThan(3);
    await sleep(50);
    await expectThere();
    const { content, rows } = salesFile(5, 20);
    const id = await uploadSales(api, content);
    expect(await jobEnd(api, id, 20_000)).toMatchObject({ state: 'succeeded', result: { rows_inserted: rows } });
  });
});
