import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { S3Server, startS3Server } from '../support/s3-server.ts';
import { setClock } from '../support/stored-forecasts.ts';
import { ADMIN, startApi, TestApi } from '../support/test-app.ts';

/** What a change is to leave in the audit trail, and a request that makes it. */
interface Change {
  readonly action: string;
  /** Which states the entry has: none of what a thing was before it was made, or of what it is after it was removed. */
  readonly states: 'before' | 'after' | 'both';
  send(): Promise<number>;
}

/** Changes without an entry, each with the reason. */
const WITHOUT_ENTRY: Record<string, string> = {
  'POST /api/v1/auth/refresh': 'goes on with a session whose beginning has one; a token that was used twice leaves one',
  'POST /api/v1/sales-data/events':
    'sales by the thousand a second, which would wait for each other; they are kept in the raw zone, not who sent them',
};

const PASSWORD = 'a long enough passphrase';
const MODEL_TEXT = 'a stored model';
let s3: S3Server;
let api: TestApi;
/** Public ids of what earlier requests have made, by what it is. */
const made: Record<string, string> = {};

const sql = async (text: string, values: unknown[] = []) =>
  (await api.database.client.query<Record<string, string>>(text, values)).rows;

/**
 * Sends a request as an administrator under a correlation id of the operation's own.
 * @param template the operation with `{name:parameter}` where the route has `{parameter}`: the id of what was made as `name`
 * @param keep what the answer makes: its name, and the field that has its id
 */
async function send(template: string, body: object | string = {}, keep?: readonly [string, string]): Promise<number> {
  const [method, path] = template.split(' ');
  const query = path.startsWith('/api/v1/inventory/{') ? `?location_id=${made.place}` : '';
  const url = path.replace(/\{(\w+):\w+\}/g, (_, name: string) => made[name]) + query;
  const token = path.endsWith('/logout') ? made.session : api.adminToken;
  const request = api.http[method.toLowerCase() as 'post'](url)
    .set('authorization', `Bearer ${token}`)
    .set('x-correlation-id', correlationOf(operationOf(template)));
  const answer = await (typeof body === 'string'
    ? request.attach('file', Buffer.from(body), 'file.csv')
    : method === 'DELETE'
      ? request
      : request.send(body));
  if (keep) made[keep[0]] = String((answer.body as Record<string, unknown>)[keep[1]]);
  return answer.status;
}

const operationOf = (template: string) => template.replace(/\{\w+:(\w+)\}/g, '{$1}');
const correlationOf = (operation: string) => operation.replace(/[^A-Za-z0-9]+/g, '-');
const change = (
  template: string,
  action: string,
  states: Change['states'],
  body?: () => object | string,
  keep?: readonly [string, string],
): [string, Change] => [operationOf(template), { action, states, send: () => send(template, body?.(), keep) }];

const user = (role: string) => ({ email: 'somebody@example.test', role });
const product = (price: number) => ({ sku: 'A-1', name: 'Milk', category: 'dairy', current_price: price });
const place = (name: string) => ({ code: 'DS1', name });

// In an order in which each finds what it needs. `{name:parameter}`: the thing made as `name` is the route's `parameter`.
const CHANGES: readonly [string, Change][] = [
  change('POST /api/v1/auth/login', 'session.started', 'after', () => ADMIN, ['session', 'access_token']),
  change('POST /api/v1/users', 'user.created', 'after', () => ({ ...user('viewer'), password: PASSWORD }), [
    'user',
    'user_id',
  ]),
  change('PUT /api/v1/users/{user:id}', 'user.updated', 'both', () => user('planner')),
  change('DELETE /api/v1/users/{user:id}', 'user.deleted', 'before'),
  change('POST /api/v1/products', 'product.created', 'after', () => product(1), ['product', 'product_id']),
  change('PUT /api/v1/products/{product:id}', 'product.updated', 'both', () => product(2)),
  change('POST /api/v1/locations', 'location.created', 'after', () => place('Store'), ['place', 'location_id']),
  change('PUT /api/v1/locations/{place:id}', 'location.updated', 'both', () => place('Shop')),
  change('PUT /api/v1/inventory/{product:product_id}', 'stock.stated', 'after', () => ({ on_hand: 4 })),
  change('POST /api/v1/inventory/snapshot', 'stock.snapshot', 'after', () => [
    { sku: 'A-1', location: 'DS1', on_hand: 5 },
  ]),
  change('POST /api/v1/signals/events', 'event.stated', 'after', () => ({ date: '2024-02-01', name: 'Fair' })),
  change(
    'POST /api/v1/signals/import',
    'signals.imported',
    'after',
    () => 'signal,date,location,value\ntraffic,2024-01-01,DS1,3\n',
  ),
  change(
    'POST /api/v1/sales-data/upload',
    'upload.received',
    'after',
    () => 'date,sku,location,quantity_sold\n2024-01-01,A-1,DS1,1\n',
    ['job', 'job_id'],
  ),
  change('DELETE /api/v1/jobs/{job:id}', 'job.cancelled', 'both'),
  change('POST /api/v1/sales-data/upload-url', 'upload.address_issued', 'after', () => ({ filename: 'sales.csv' })),
  change('POST /api/v1/sales-data/uploads/{held:id}/release', 'upload.released', 'both'),
  change('POST /api/v1/sales-data/curate', 'sales.curation_requested', 'after', () => ({ from: '2023-12-01' })),
  change('POST /api/v1/sales-data/archive/{month:month}/restore', 'sales.restore_requested', 'after'),
  change('POST /api/v1/alerts/{alert:id}/acknowledge', 'alert.acknowledged', 'both'),
  change('POST /api/v1/alerts/{alert:id}/resolve', 'alert.resolved', 'both'),
  change('POST /api/v1/models/train', 'model.training_requested', 'after', () => ({ seed: 7 }), ['run', 'job_id']),
  change('POST /api/v1/admin/workflows/{run:id}/cancel', 'workflow.cancelled', 'both'),
  change('POST /api/v1/admin/workflows/{failed:id}/retry', 'workflow.retried', 'both'),
  change('POST /api/v1/admin/queues/{queue:name}/redrive', 'queue.redriven', 'after'),
  change('PUT /api/v1/admin/schedules/{schedule:name}', 'schedule.updated', 'both', () => ({ cron: '0 3 * * *' })),
  change('POST /api/v1/models/{first:version}/promote', 'model.promoted', 'before', () => ({ strategy: 'immediate' })),
  change('POST /api/v1/models/experiments', 'experiment.started', 'before', () => ({ version: 'second' }), [
    'experiment',
    'experiment_id',
  ]),
  change('POST /api/v1/models/experiments/{experiment:id}/stop', 'experiment.stopped', 'before'),
  [
    'POST /api/v1/models/rollouts/{id}/advance',
    { action: 'rollout.advanced', states: 'before', send: advanceNewRollout },
  ],
  change('POST /api/v1/models/rollouts/{rollout:id}/abort', 'rollout.aborted', 'before'),
  change('POST /api/v1/models/{second:version}/rollback', 'model.rolled_back', 'before'),
  change('POST /api/v1/models/{first:version}/ablation', 'model.ablation_requested', 'after'),
  change('POST /api/v1/forecasts/generate', 'forecast.requested', 'after', () => ({ horizon_days: 7 })),
  change('DELETE /api/v1/products/{product:id}', 'product.deleted', 'before'),
  change('DELETE /api/v1/locations/{place:id}', 'location.deleted', 'before'),
  change('POST /api/v1/auth/logout', 'session.ended', 'before'),
];

async function advanceNewRollout(): Promise<number> {
  const { body } = await api.http
    .post('/api/v1/models/second/promote')
    .set('authorization', `Bearer ${api.adminToken}`)
    .send({ strategy: 'shadow' })
    .expect(202);
  made.rollout = (body as { rollout: { rollout_id: string } }).rollout.rollout_id;
  return send('POST /api/v1/models/rollouts/{rollout:id}/advance');
}

/** What no request can make without a worker. */
async function prepare(): Promise<void> {
  await setClock(api.database.client, '2020-01-01', '2024-01-01');
  await sql(`UPDATE schedules SET enabled = false`);
  Object.assign(made, {
    month: '2020-01',
    schedule: 'audit-check',
    queue: 'housekeeping',
    first: 'first',
    second: 'second',
  });
  await sql(`INSERT INTO schedules (name, summary, cron) VALUES ('audit-check', 'Checks', '30 2 * * *')`);
  await sql(`INSERT INTO archived_months (month, sales_rows, quantity, object_key, bytes, sha256)
    VALUES ('2020-01-01', 1, 1, 'curated/none', 1, '')`);
  [{ id: made.held }] = await sql(`INSERT INTO uploads (filename, bytes, sha256, object_key, state)
    VALUES ('held.csv', 1, 'held', 'raw/none', 'held') RETURNING id`);
  [{ alert_id: made.alert }] = await sql(`INSERT INTO alerts (kind, severity, subject, dedupe_key)
    VALUES ('test', 'info', 'A matter', 'test') RETURNING alert_id`);
  await sql(`INSERT INTO jobs (kind, payload, state, dead_lettered_at, finished_at)
    VALUES ('housekeeping', '{}', 'failed', now(), now())`);
  const [failed] =
    await sql(`INSERT INTO jobs (kind, payload, state, finished_at) VALUES ('training-ingest', '{}', 'failed', now())
    RETURNING id`);
  [{ id: made.failed }] = await sql(`INSERT INTO workflow_runs (name, input, shape, state, finished_at)
    VALUES ('test', '{}', '[{"step": "wait", "queue": "training-ingest", "after": [], "fromParent": false, "weight": 1}]', 'failed', now()) RETURNING id`);
  await sql(`INSERT INTO workflow_steps (run_id, step, state, job_id) VALUES ($1, 'wait', 'failed', $2)`, [
    made.failed,
    failed.id,
  ]);
  for (const version of ['first', 'second']) {
    await sql(
      `INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version, parameters, seed,
         train_start, train_end, metrics, weights)
       VALUES ($1, 'registered', 'none', $2, '', '', '{"horizonDays": 28}', 1, '2023-01-01', '2023-12-01', '{}', '[]')`,
      [version, createHash('sha256').update(MODEL_TEXT).digest('hex')],
    );
    await sql(`INSERT INTO model_texts (version, gzip) VALUES ($1, $2)`, [version, gzipSync(MODEL_TEXT)]);
  }
  await sql(`INSERT INTO forecast_runs (model, business_date, horizon_days, series_count, levels, members, sum_inflation)
    SELECT id, '2024-01-01', 1, 0, '{0.5}', '{}', '{1}' FROM model_versions WHERE version = 'second'`);
}

beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-secret';
  s3 = await startS3Server(['lake']);
  api = await startApi({ LAKE_URL: 's3://lake', LAKE_ENDPOINT: s3.url });
  await prepare();
});
afterAll(async () => {
  await api.stop();
  await s3.stop();
});

const MUTATIONS = Object.entries(
  (JSON.parse(readFileSync('openapi.json', 'utf8')) as { paths: Record<string, object> }).paths,
)
  .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  .filter((operation) => !operation.startsWith('GET '));

describe('what a change leaves in the audit trail', () => {
  it('is stated for each there is, once', () => {
    const stated = [...CHANGES.map(([operation]) => operation), ...Object.keys(WITHOUT_ENTRY)];
    expect(stated.sort()).toEqual([...MUTATIONS].sort());
  });

  it.each(CHANGES)('%s', async (operation, { action, states, send }) => {
    expect(await send()).toBeLessThan(300);
    const entries = await sql(
      `SELECT actor, action, entity <> '' AND entity_id <> '' AS named, before IS NOT NULL AS before,
         after IS NOT NULL AS after FROM audit_log WHERE correlation_id = $1`,
      [correlationOf(operation)],
    );
    const entry = { actor: ADMIN.email, action, named: true, before: states !== 'after', after: states !== 'before' };
    expect(entries).toEqual([entry]);
  });

  it('is nothing for a change that was refused', async () => {
    const before = await sql('SELECT count(*) FROM audit_log');
    expect(await send('POST /api/v1/products', { sku: '' })).toBe(400);
    expect(await send('POST /api/v1/models/{month:version}/promote')).toBe(404);
    expect(await send('POST /api/v1/models/train', { seed: 'x' })).toBe(400);
    expect(await sql('SELECT count(*) FROM audit_log')).toEqual(before);
  });

  it('is one entry for a request that is sent again under its key', async () => {
    const again = () =>
      api.http
        .post('/api/v1/models/train')
        .set({ authorization: `Bearer ${api.adminToken}`, 'x-correlation-id': 'again', 'idempotency-key': 'again' })
        .send({ seed: 8 })
        .expect(202);
    expect((await again()).body).toEqual((await again()).body);
    const entries = await sql(`SELECT after FROM audit_log WHERE correlation_id = 'again'`);
    expect(entries).toEqual([{ after: { seed: 8 } }]);
  });
});
