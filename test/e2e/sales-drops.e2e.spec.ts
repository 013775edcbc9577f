import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INestApplicationContext } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Housekeeping } from '../../src/platform/housekeeping/index.ts';
import { JobsService } from '../../src/platform/queue/index.ts';
import { Scheduler } from '../../src/platform/schedules/index.ts';
import { salesFile, uploadSales } from '../support/imports.ts';
import { jobEnd, startApi, startWorker, TestApi } from '../support/test-app.ts';

let api: TestApi;
let worker: INestApplicationContext;
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api.config);
  // The looks of this file come when it says so.
  await sql(`UPDATE schedules SET enabled = false WHERE name = 'sales-drops'`);
  await sql(`DELETE FROM jobs WHERE kind = 'sales-drops' AND state <> 'running'`);
});
afterAll(async () => {
  await worker.close();
  await api.stop();
});

const sql = async (text: string, values: unknown[] = []) => (await api.database.client.query(text, values)).rows;
const dropPath = (name: string) => join(api.config.lakeDir, 'raw/drop', name);

function drop(name: string, content: Buffer | string): void {
  mkdirSync(dirname(dropPath(name)), { recursive: true });
  writeFileSync(dropPath(name), content);
}

/** One look into the folder. */
async function look(): Promise<Record<string, unknown>> {
  const jobs = worker.get(JobsService, { strict: false });
  const job = await jobs.enqueue({ kind: 'sales-drops', payload: {}, dedupeKey: 'sales-drops' });
  const ended = await jobEnd(api, job.id);
  expect(ended).toMatchObject({ state: 'succeeded', error: null });
  return ended.result as Record<string, unknown>;
}

/** Lets the files be as old as they have to be, then looks. */
async function lookLater(): Promise<Record<string, unknown>> {
  await sql(`UPDATE dropped_files SET seen_at = seen_at - interval '1 minute'`);
  return look();
}

interface UploadRow {
  readonly filename: string;
  readonly state: string;
  readonly sha256: string;
  readonly object_key: string;
  readonly job_id: string;
  readonly created_by: string | null;
}

const uploads = async () =>
  (await sql(
    'SELECT filename, state, sha256, object_key, job_id, created_by FROM uploads ORDER BY created_at',
  )) as UploadRow[];
const alerts = async () =>
  (
    await api.http
      .get('/api/v1/alerts?kind=data.drop_refused')
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200)
  ).body.items as { subject: string; occurrences: number }[];
const salesRows = async () => ((await sql('SELECT count(*)::int AS rows FROM sales')) as { rows: number }[])[0].rows;

describe('a file put into the drop folder', () => {
  const { content, rows } = salesFile(4, 10);

  it('is loaded without any request, once it has stayed the same', async () => {
    expect(await look()).toEqual({ files: 0, taken: 0, joined: 0, refused: 0 });
    drop('north/week 1.csv', content);
    expect(await look()).toMatchObject({ files: 1, taken: 0 });
    expect(await look()).toMatchObject({ files: 1, taken: 0 });
    expect(await uploads()).toEqual([]);
    expect(await lookLater()).toMatchObject({ files: 1, taken: 1 });
    const [upload] = await uploads();
    expect(upload).toMatchObject({
      filename: 'week 1.csv',
      sha256: createHash('sha256').update(content).digest('hex'),
      object_key: expect.stringMatching(/^raw\/sales\/\d{4}\/\d\d\/\d\d\/[0-9a-f-]{36}$/),
      created_by: null,
    });
    expect(await jobEnd(api, upload.job_id)).toMatchObject({ kind: 'sales-import', state: 'succeeded' });
    expect(await salesRows()).toBe(rows);
    expect(readFileSync(join(api.config.lakeDir, upload.object_key)).equals(content)).toBe(true);
    expect(existsSync(dropPath('north/week 1.csv'))).toBe(false);
    const { body } = await api.http
      .get('/api/v1/sales-data/uploads')
      .set('authorization', `Bearer ${api.adminToken}`)
      .expect(200);
    expect(body.items).toMatchObject([{ filename: 'week 1.csv', state: 'loaded' }]);
  });

  it('joins the upload of the same content, whichever way that came', async () => {
    drop('again.csv', content);
    await look();
    expect(await lookLater()).toMatchObject({ taken: 0, joined: 1 });
    expect(await uploads()).toHaveLength(1);
    expect(existsSync(dropPath('again.csv'))).toBe(false);
    const raw = readdirSync(join(api.config.lakeDir, 'raw/sales'), { recursive: true, withFileTypes: true });
    expect(raw.filter((entry) => entry.isFile())).toHaveLength(1);
    const { content: other } = salesFile(2, 3);
    drop('dropped.csv', other);
    const job = await uploadSales(api, other);
    await jobEnd(api, job);
    await look();
    expect(await lookLater()).toMatchObject({ joined: 1 });
    expect(await uploads()).toHaveLength(2);
  });

  it('is not taken while it is still written, nor under the name of an unfinished one', async () => {
    const { content: growing } = salesFile(5, 20);
    drop('growing.csv', growing.subarray(0, 300));
    drop('.growing.csv.a8Xk', growing);
    drop('growing.csv.part', growing);
    expect(await look()).toMatchObject({ files: 1, taken: 0 });
    for (const length of [700, 900]) {
      drop('growing.csv', growing.subarray(0, length));
      // It was seen long ago, but not like this.
      expect(await lookLater()).toMatchObject({ files: 1, taken: 0 });
    }
    drop('growing.csv', growing);
    expect(await lookLater()).toMatchObject({ taken: 0 });
    expect(await lookLater()).toMatchObject({ taken: 1 });
    const upload = (await uploads()).at(-1) as UploadRow;
    expect(upload.sha256).toBe(createHash('sha256').update(growing).digest('hex'));
    expect(await jobEnd(api, upload.job_id)).toMatchObject({ state: 'succeeded' });
    expect(readdirSync(dropPath('')).sort()).toEqual(['.growing.csv.a8Xk', 'growing.csv.part', 'north']);
  });

  it('that is none of sales is left where it is, with one alert and no further try', async () => {
    const before = (await uploads()).length;
    drop('picture.csv', Buffer.from('89504e470d0a1a0a', 'hex'));
    drop('empty.csv', '');
    await look();
    expect(await lookLater()).toMatchObject({ refused: 2 });
    expect(await lookLater()).toMatchObject({ files: 2, refused: 0 });
    expect((await alerts()).map(({ subject, occurrences }) => [subject, occurrences]).sort()).toEqual([
      ['empty.csv was dropped and cannot be read: The file is empty', 1],
      [expect.stringMatching(/^picture.csv was dropped and cannot be read: .*PNG image/), 1],
    ]);
    expect(existsSync(dropPath('picture.csv'))).toBe(true);
    expect(await uploads()).toHaveLength(before);
    // Put right, it is taken after all.
    const { content: right } = salesFile(1, 2);
    drop('picture.csv', right);
    await lookLater();
    expect(await lookLater()).toMatchObject({ taken: 1 });
  });

  it('whose content cannot be loaded raises an alert', async () => {
    drop('letters.csv', 'dear,sir\nno,sales\n');
    await look();
    expect(await lookLater()).toMatchObject({ taken: 1 });
    const upload = (await uploads()).at(-1) as UploadRow;
    expect(await jobEnd(api, upload.job_id)).toMatchObject({ state: 'failed' });
    expect((await alerts()).map(({ subject }) => subject)).toContainEqual(
      expect.stringMatching(/^letters.csv was dropped and cannot be loaded: /),
    );
    expect(await lookLater()).toMatchObject({ taken: 0, joined: 0 });
  });

  it('is not imported twice where it could not be removed', async () => {
    const before = (await uploads()).length;
    const { content: stuck } = salesFile(3, 4);
    drop('stuck/stuck.csv', stuck);
    await look();
    await lookLater();
    expect(await uploads()).toHaveLength(before + 1);
    // As a crash between the two leaves it: known to be taken, and still there.
    drop('stuck/stuck.csv', stuck);
    await look();
    await sql(`UPDATE dropped_files SET state = 'taken' WHERE object_key = 'raw/drop/stuck/stuck.csv'`);
    expect(await lookLater()).toMatchObject({ taken: 0, joined: 0 });
    expect(await uploads()).toHaveLength(before + 1);
    expect(existsSync(dropPath('stuck/stuck.csv'))).toBe(false);
  });

  it('has no address of its own in a folder', async () => {
    const answer = await api.http
      .post('/api/v1/sales-data/upload-url')
      .set('authorization', `Bearer ${api.adminToken}`)
      .send({ filename: 'june.csv' })
      .expect(409);
    expect(answer.body).toMatchObject({ code: 'CONFLICT' });
  });

  it('is looked for every minute, and idle looks are forgotten after a day', async () => {
    await sql(
      `UPDATE schedules SET enabled = true, counts_from = now() - interval '2 minutes', last_tick = NULL WHERE name = 'sales-drops'`,
    );
    await worker.get(Scheduler, { strict: false }).look();
    const ticks = await sql(
      `SELECT job_id FROM schedule_ticks WHERE schedule = 'sales-drops' ORDER BY tick DESC LIMIT 1`,
    );
    expect(await jobEnd(api, (ticks as { job_id: string }[])[0].job_id)).toMatchObject({ kind: 'sales-drops' });
    await sql(`UPDATE schedules SET enabled = false WHERE name = 'sales-drops'`);
    await sql(`UPDATE jobs SET finished_at = now() - interval '2 days' WHERE kind = 'sales-drops'`);
    const [{ did }] = (await sql(
      `SELECT count(*)::int AS did FROM jobs WHERE kind = 'sales-drops' AND (result ->> 'taken')::int
         + (result ->> 'joined')::int + (result ->> 'refused')::int > 0`,
    )) as { did: number }[];
    expect(did).toBeGreaterThan(3);
    const removed = await worker.get(Housekeeping, { strict: false }).clean(new Date(), AbortSignal.timeout(60_000));
    expect(removed['idle-looks']).toBeGreaterThan(3);
    expect(await sql(`SELECT FROM jobs WHERE kind = 'sales-drops'`)).toHaveLength(did);
  });
});
