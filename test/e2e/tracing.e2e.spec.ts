import { afterEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import { ProductProcess, startProcess } from '../support/product-process.ts';
import { ADMIN, EndedJob, jobEnd } from '../support/test-app.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';
import { hasRedis, startTestRedis } from '../support/test-redis.ts';
import { ToldSpan, TraceCollector } from '../support/trace-collector.ts';

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

/** What a caller calls its trace and its own span. */
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const UPLOAD = 'POST /api/v1/sales-data/upload';
/** Words that are sent and must not come out again. */
const PRIVATE = { sku: 'canary-sku-93', place: 'canary-place-17', search: 'canary-search-58', file: 'canary-31.csv' };

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface System {
  readonly database: TestDatabase;
  readonly api: ProductProcess;
  readonly worker: ProductProcess;
  readonly http: ReturnType<typeof supertest>;
  readonly adminToken: string;
  readonly jwtSecret: string;
}

/** API and worker as processes of their own on one database. */
async function startSystem(environment: Record<string, string>): Promise<System> {
  const dataDir = mkdtempSync(join(tmpdir(), 'shelfcast-traced-'));
  opened.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const database = await createTestDatabase();
  opened.push(() => database.drop());
  const jwtSecret = randomUUID() + randomUUID();
  const variables = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    JWT_SECRET: jwtSecret,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    HOLIDAY_COUNTRY: 'none',
    // However slow the machine: a process that is ended by its deadline sends nothing more.
    SHUTDOWN_SECONDS: '60',
    ...environment,
  };
  const api = await startProcess('main', variables);
  opened.push(() => api.stop());
  const worker = await startProcess('worker', variables);
  opened.push(() => worker.stop());
  const http = supertest(api.url);
  const { body } = await http.post('/api/v1/auth/login').send(ADMIN).expect(200);
  return { database, api, worker, http, adminToken: body.access_token as string, jwtSecret };
}

/** Uploads a file of sales under a caller's trace and waits until it is loaded. */
async function load(system: System, traceparent: string, correlationId: string): Promise<EndedJob> {
  const { body } = await system.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${system.adminToken}`)
    .set('traceparent', traceparent)
    .set('x-correlation-id', correlationId)
    .attach(
      'file',
      Buffer.from(`date,sku,location,quantity_sold\n2025-01-01,${PRIVATE.sku},${PRIVATE.place},7`),
      PRIVATE.file,
    )
    .expect(202);
  return jobEnd(system, body.job_id as string);
}

/** Names from a span up to the first one that was told of. */
function lineage(spans: readonly ToldSpan[], span: ToldSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? lineage(spans, parent) : [])];
}

describe.each(hasRedis ? ['PostgreSQL', 'Redis'] : ['PostgreSQL'])('traces, with queues on %s', (queues) => {
  async function servers(): Promise<Record<string, string>> {
    if (queues !== 'Redis') return {};
    const redis = await startTestRedis();
    opened.push(() => redis.stop());
    return { REDIS_URL: redis.url };
  }

  it('are one from the caller over API and queue to the worker, and tell nothing that was sent', async () => {
    const collector = await TraceCollector.start();
    opened.push(() => collector.stop());
    const system = await startSystem({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`, ...(await servers()) });
    const job = await load(system, `00-${TRACE}-${CALLER}-01`, 'told-in-the-log');
    expect(job).toMatchObject({ state: 'succeeded', result: { rows_inserted: 1 } });
    await system.http
      .get('/api/v1/products')
      .query({ search: PRIVATE.search })
      .set('authorization', `Bearer ${system.adminToken}`)
      .expect(200);
    await system.http
      .get('/api/v1/forecast/top-products')
      .set('authorization', `Bearer ${system.adminToken}`)
      .expect(200);
    // A parameter that the database refuses is quoted in its message.
    await system.http
      .get('/api/v1/products')
      .query({ cursor: PRIVATE.search })
      .set('authorization', `Bearer ${system.adminToken}`)
      .expect(400);
    const { rows: users } = await system.database.client.query<{ id: string }>('SELECT id FROM users');
    // What has not been sent yet is sent while they end.
    expect(await system.api.stop()).toBe(0);
    expect(await system.worker.stop()).toBe(0);

    const spans = collector.trace(TRACE);
    const named = (name: string) => spans.find((span) => span.name === name) as ToldSpan;
    expect(named(UPLOAD)).toMatchObject({
      service: 'api',
      kind: SERVER,
      parentSpanId: CALLER,
      attributes: { 'http.route': '/api/v1/sales-data/upload', 'http.response.status_code': 202 },
      failed: false,
    });
    expect(named('access check')).toMatchObject({ service: 'api', kind: INTERNAL, parentSpanId: named(UPLOAD).spanId });
    const statements = spans.filter(({ attributes }) => attributes['db.system.name'] === 'postgresql');
    const ofApi = statements.filter(({ service }) => service === 'api');
    expect(ofApi.map(({ attributes }) => attributes['db.query.text'])).toContainEqual(
      expect.stringMatching(/^INSERT INTO jobs .* VALUES \(\$1, \$2, \$3, \$4, \$5\)/),
    );
    for (const statement of ofApi) expect(lineage(spans, statement).at(-1)).toBe(UPLOAD);
    expect(named('publish sales-import')).toMatchObject({
      service: 'api',
      kind: PRODUCER,
      parentSpanId: named(UPLOAD).spanId,
    });
    expect(named('process sales-import')).toMatchObject({
      service: 'worker',
      kind: CONSUMER,
      parentSpanId: named('publish sales-import').spanId,
      attributes: { 'messaging.system': 'bullmq', 'messaging.destination.name': 'sales-import' },
    });
    expect(named('attempt sales-import')).toMatchObject({
      service: 'worker',
      parentSpanId: named('process sales-import').spanId,
      attributes: { 'job.outcome': 'succeeded' },
      failed: false,
    });
    const ofWorker = statements.filter(({ service }) => service === 'worker');
    expect(ofWorker.map(({ name }) => name)).toEqual(expect.arrayContaining(['SELECT', 'UPDATE', 'COPY', 'COMMIT']));
    expect(ofWorker.map((span) => lineage(spans, span).join(' < '))).toContain(
      `COPY < attempt sales-import < process sales-import < publish sales-import < ${UPLOAD}`,
    );
    for (const { kind } of statements) expect(kind).toBe(CLIENT);
    // Nothing hangs in the air.
    expect(spans.filter((span) => lineage(spans, span).at(-1) !== UPLOAD)).toEqual([]);
    const commands = spans.filter(({ attributes }) => attributes['db.system.name'] === 'redis');
    if (queues === 'Redis') {
      expect(commands.map((span) => lineage(spans, span)[1])).toContain('publish sales-import');
    } else expect(commands).toEqual([]);
    const reads = collector.spans.filter(({ name }) => name === 'cache get');
    expect(reads.map((span) => [lineage(collector.spans, span)[1], span.attributes['cache.hit']])).toContainEqual([
      'GET /api/v1/forecast/top-products',
      false,
    ]);
    // The worker's waiting, sweeping and heartbeats are no traces.
    expect(collector.spans.filter(({ parentSpanId, kind }) => !parentSpanId && kind === CLIENT)).toEqual([]);

    const told = collector.raw.join('\n').toLowerCase();
    expect(told).toContain('/api/v1/products');
    const secrets = [ADMIN.email, ADMIN.password, system.adminToken, system.jwtSecret, ...Object.values(PRIVATE)];
    for (const secret of [...secrets, ...users.map(({ id }) => id), 'bearer'])
      expect(told).not.toContain(secret.toLowerCase());

    expect(system.worker.log()).toContainEqual(
      expect.objectContaining({
        message: 'sales-import succeeded',
        correlation_id: 'told-in-the-log',
        trace_id: TRACE,
        span_id: named('attempt sales-import').spanId,
      }),
    );
  });
});

describe('a collector', () => {
  it.each(['away', 'silent'])('that is %s changes nothing', async (how) => {
    const collector = await TraceCollector.start(false);
    opened.push(() => collector.stop());
    const endpoint = collector.url;
    if (how === 'away') collector.stop();
    const system = await startSystem({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(await load(system, `00-${TRACE}-${CALLER}-01`, 'a')).toMatchObject({ state: 'succeeded' });
    // The worker's spans have been tried to send by then.
    await sleep(6_000);
    const authorization = `Bearer ${system.adminToken}`;
    await system.http.get('/api/v1/products').set('authorization', authorization).expect(200);
    expect(await system.api.stop()).toBe(0);
    expect(await system.worker.stop()).toBe(0);
    if (how === 'silent') expect(collector.raw.length).toBeGreaterThan(0);
    const troubles = [...system.api.log(), ...system.worker.log()].filter(({ level }) => Number(level) >= 50);
    expect(troubles).toEqual([]);
  });
});

describe('the sampling ratio', () => {
  it('decides for traces that begin here, and a caller for its own', async () => {
    const collector = await TraceCollector.start();
    opened.push(() => collector.stop());
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' };
    const system = await startSystem(environment);
    const products = () =>
      system.http.get('/api/v1/products').set('authorization', `Bearer ${system.adminToken}`).expect(200);
    await products();
    await products().set('traceparent', `00-${TRACE.replace('0a', '0b')}-${CALLER}-00`);
    await products().set('traceparent', `00-${TRACE}-${CALLER}-01`);
    await system.http.get('/health/live').set('traceparent', `00-${TRACE}-${CALLER}-01`).expect(200);
    expect(await system.api.stop()).toBe(0);
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(collector.spans.filter(({ kind }) => kind === SERVER).map(({ name }) => name)).toEqual([
      'GET /api/v1/products',
    ]);
  });
});
