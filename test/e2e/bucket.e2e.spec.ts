import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LakeBucket } from '../../src/platform/config/index.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { salesFile, uploadSales } from '../support/imports.ts';
import { KeptObject, S3Server, startS3Server } from '../support/s3-server.ts';
import { startStsServer, StsServer } from '../support/sts-server.ts';
import { EndedJob, jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let server: S3Server;
let sts: StsServer;
let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-secret';
  server = await startS3Server(['raw', 'curated', 'features', 'artefacts', 'work'].map((zone) => `lake-${zone}`));
  sts = await startStsServer();
  process.env.AWS_ENDPOINT_URL_STS = sts.url;
  api = await startApi({
    LAKE_URL: 's3://lake-{zone}/shop',
    LAKE_ZONES: 'raw,curated,features,models=artefacts',
    LAKE_ENDPOINT: server.url,
    LAKE_ROLE_ARN: 'arn:aws:iam::123456789012:role/upload',
  });
  const lakeBucket = { ...(api.config.lakeBucket as LakeBucket), roleArn: null };
  worker = await startWorker({ ...api.config, lakeBucket });
  await sql(`UPDATE schedules SET enabled = false WHERE name = 'sales-drops'`);
});
afterEach(() => {
  server.mischief = () => undefined;
});
afterAll(async () => {
  await worker.close();
  await api.stop();
  await server.stop();
  await sts.stop();
  delete process.env.AWS_ENDPOINT_URL_STS;
});

const sql = async (text: string, values: unknown[] = []) =>
  (await api.database.client.query<Record<string, string>>(text, values)).rows;
const asAdmin = (request: { set(name: string, value: string): unknown }) => {
  request.set('authorization', `Bearer ${api.adminToken}`);
};
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const objectsBelow = (folder: string) =>
  [...bucketOf(folder).keys()].filter((name) => name.startsWith(nameOf(`${folder}/`)));
const object = (key: string) => bucketOf(key).get(nameOf(key)) as KeptObject;
const zoneOf = (key: string) => /^(raw|curated)(?=\/|$)/.exec(key)?.[0] ?? 'work';
const bucketOf = (key: string) => server.buckets.get(`lake-${zoneOf(key)}`) as Map<string, KeptObject>;
const nameOf = (key: string) => `shop/${key.slice(zoneOf(key) === 'work' ? 0 : zoneOf(key).length + 1)}`;

async function curated(): Promise<EndedJob> {
  const request = api.http.post('/api/v1/sales-data/curate').send({});
  asAdmin(request);
  return jobEnd(api, (await request.expect(202)).body.job_id as string);
}

async function look(): Promise<EndedJob> {
  const jobs = worker.get(JobsService, { strict: false });
  return jobEnd(api, (await jobs.enqueue({ kind: 'sales-drops', payload: {}, dedupeKey: 'sales-drops' })).id);
}

describe('with buckets for its object store', () => {
  const { content, rows } = salesFile(3, 40);
  const withBad = Buffer.concat([content, Buffer.from('2024-01-05,SKU-1,DS1,many,10\n')]);

  it('files are taken, loaded and kept byte for byte, and their bad rows can be fetched', async () => {
    const job = await jobEnd(api, await uploadSales(api, withBad));
    expect(job).toMatchObject({ state: 'succeeded', result: { rows_loaded: rows, rows_rejected: 1 } });
    const [upload] = await sql('SELECT id, object_key, sha256 FROM uploads');
    expect(object(upload.object_key).content.equals(withBad)).toBe(true);
    expect(upload.sha256).toBe(sha256(withBad));
    const request = api.http.get(`/api/v1/sales-data/uploads/${upload.id}/rejected`);
    asAdmin(request);
    expect((await request.expect(200)).text).toContain('SKU-1,DS1,many');
    // The same again leaves one copy.
    await uploadSales(api, withBad);
    expect(objectsBelow('raw')).toEqual([nameOf(upload.object_key)]);
    expect(existsSync(api.config.lakeDir)).toBe(false);
  });

  it('sales are curated by day, alike for alike sales, and again where a file is lost', async () => {
    expect(await curated()).toMatchObject({ state: 'succeeded', result: { curated_rows: rows } });
    const days = await sql('SELECT date::text, object_key, sha256 FROM curated_days ORDER BY date');
    expect(days).toHaveLength(40);
    expect(days[30]).toMatchObject({
      date: '2024-01-31',
      object_key: 'curated/sales/year=2024/month=1/day=31/data.parquet',
    });
    for (const { object_key: key, sha256: hash } of days) expect(sha256(object(key).content)).toBe(hash);
    const written = (job: EndedJob) => (job.result?.months as { written: number }[]).map((month) => month.written);
    expect(written(await curated())).toEqual([0, 0]);
    bucketOf('curated').delete(nameOf(days[30].object_key));
    expect(written(await curated())).toEqual([1, 0]);
    expect(sha256(object(days[30].object_key).content)).toBe(days[30].sha256);
  });

  it('an object put into the drop folder is taken at the first look, whatever lies beside it', async () => {
    const { content: dropped } = salesFile(5, 6);
    const put = (key: string, of: Buffer) =>
      bucketOf('raw').set(`shop/drop/${key}`, { content: of, etag: `"${key}"`, headers: {}, modified: new Date() });
    put('', Buffer.alloc(0));
    put('a-forbidden.csv', content);
    put('b/fine & good.csv', dropped);
    server.mischief = (operation, key) =>
      operation === 'GetObject' && key.endsWith('forbidden.csv') ? { status: 403, code: 'AccessDenied' } : undefined;
    expect(await look()).toMatchObject({ state: 'succeeded', result: { files: 2, taken: 1 } });
    const [upload] = await sql(`SELECT job_id, object_key FROM uploads WHERE filename = 'fine & good.csv'`);
    expect(await jobEnd(api, upload.job_id)).toMatchObject({ state: 'succeeded' });
    expect(object(upload.object_key).content.equals(dropped)).toBe(true);
    expect(objectsBelow('raw/drop')).toEqual(['shop/drop/', 'shop/drop/a-forbidden.csv']);
    for (let n = 0; n < 9; n++) await look();
    const alerts = await sql(`SELECT subject FROM alerts WHERE kind = 'data.drop_refused'`);
    expect(alerts).toEqual([{ subject: 'a-forbidden.csv was dropped and cannot be read: The file could not be read' }]);
    expect(await look()).toMatchObject({ state: 'succeeded', result: { files: 1, refused: 0 } });
  });

  it('a file may be put to an address, and is the upload of who was given it', async () => {
    const { content: large } = salesFile(9, 9);
    const token = await api.tokenOf('planner');
    const ask = (body: object, as = token) =>
      api.http.post('/api/v1/sales-data/upload-url').set('authorization', `Bearer ${as}`).send(body);
    const { body: given } = await ask({ filename: 'C:\\sales\\june.csv' }).expect(201);
    expect(given).toMatchObject({
      method: 'PUT',
      object_key: expect.stringMatching(/^raw\/drop\/[0-9a-f-]{36}\/june\.csv$/),
    });
    expect((await fetch(given.url as string, { method: 'PUT', body: large })).status).toBe(200);
    expect(await look()).toMatchObject({ result: { taken: 1 } });
    const [upload] = await sql(`SELECT job_id, created_by::text FROM uploads WHERE filename = 'june.csv'`);
    const [planner] = await sql(`SELECT id::text FROM users WHERE role = 'planner'`);
    expect(upload.created_by).toBe(planner.id);
    expect(await jobEnd(api, upload.job_id)).toMatchObject({ state: 'succeeded' });
    for (const body of [{}, { filename: '' }, { filename: 7 }, { filename: 'june.csv.part' }, { filename: '.june' }])
      expect((await ask(body).expect(400)).body.errors[0].field).toBe('filename');
    const { body: place } = await api.http
      .get('/api/v1/locations')
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200);
    await ask({ filename: 'x.csv' }, await api.tokenOf('planner', [place.items[0].location_id as string])).expect(403);
  });

  it('a client hears of a bucket that is away, and a job waits for it', async () => {
    const { content: later } = salesFile(7, 8);
    server.mischief = () => ({ status: 503, code: 'SlowDown' });
    const request = api.http.post('/api/v1/sales-data/upload').attach('file', later, 'sales.csv');
    asAdmin(request);
    const refused = await request.expect(503);
    expect(refused.body).toMatchObject({ code: 'STORE_AWAY' });
    expect(refused.headers['retry-after']).toBe('5');
    server.mischief = (operation) => (operation === 'GetObject' ? { status: 503, code: 'SlowDown' } : undefined);
    const job = await uploadSales(api, later);
    const failed = async () => (await sql('SELECT FROM jobs WHERE id = $1 AND failures > 0', [job])).length > 0;
    for (const deadline = Date.now() + 60_000; !(await failed()); await sleep(100))
      if (Date.now() > deadline) throw new Error('The import did not notice that the bucket is away');
    server.mischief = () => undefined;
    expect(await jobEnd(api, job)).toMatchObject({ state: 'succeeded' });
  });

  it('the API asked by its role, for uploads and what was rejected of them; workers by their own', () => {
    const asked = (byRole: boolean) =>
      server.requests.filter((_, i) => server.signers[i].keyId.startsWith('ASIA') === byRole);
    const kinds = new Set(asked(true).map((request) => /^\w+ lake-\w+\/shop\/[a-z]+\//.exec(request)?.[0] ?? request));
    expect([...kinds].sort()).toEqual([
      'DeleteObject lake-raw/shop/sales/',
      'GetObject lake-work/shop/rejected/',
      'PutObject lake-raw/shop/drop/',
      'PutObject lake-raw/shop/sales/',
    ]);
    expect(asked(false).some((request) => request.startsWith('ListObjectsV2 lake-raw/'))).toBe(true);
    expect(sts.assumed[0]).toMatchObject({ session: 'shelfcast', by: 'test' });
  });
});
