import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi, TestApi } from '../support/test-app.ts';

let api: TestApi;
let planner: string;

beforeAll(async () => {
  api = await startApi({ UPLOAD_MAX_MEGABYTES: '2' });
  planner = await api.tokenOf('planner');
  for (const folder of ['raw', '.incoming']) mkdirSync(join(api.config.lakeDir, folder), { recursive: true });
});
afterAll(async () => api.stop());

const HEADER = 'date,sku,location,quantity_sold';
const get = (path: string) => api.http.get(`/api/v1${path}`).set('authorization', `Bearer ${planner}`);
const uploads = async () =>
  (await api.database.client.query('SELECT count(*)::int AS n FROM uploads')).rows[0].n as number;

function filesUnder(folder: string): string[] {
  return readdirSync(join(api.config.lakeDir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

describe('a request that is no upload', () => {
  const post = () => api.http.post('/api/v1/sales-data/upload').set('authorization', `Bearer ${planner}`);

  it('is a clear 4xx', async () => {
    await post().expect(415);
    await post().send({ file: 'x' }).expect(415);
    await post().type('text/csv').send('date').expect(415);
    await post().set('content-type', 'multipart/form-data').send('x').expect(400);
    await post().set('content-type', 'multipart/form-data; boundary=b').send('no parts').expect(400);
    await post()
      .set('content-type', 'multipart/form-data; boundary=b')
      .send('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc')
      .expect(400);
    expect((await post().attach('file', Buffer.alloc(0), 'e.csv').expect(400)).body.code).toBe('FILE_EMPTY');
    expect((await post().attach('document', Buffer.from(HEADER), 'a.csv').expect(400)).body.errors[0].field).toBe(
      'document',
    );
    expect(
      (await post().field('note', 'x').attach('file', Buffer.from(HEADER), 'a.csv').expect(400)).body.errors[0].field,
    ).toBe('note');
    await post().attach('file', Buffer.from(HEADER), 'a.csv').attach('file', Buffer.from('b'), 'b.csv').expect(413);
    await post()
      .attach('file', Buffer.alloc(3 * 1024 * 1024, 'a,b\n'), 'big.csv')
      .expect(413);
    expect(filesUnder('.incoming')).toEqual([]);
  });

  it('leaves nothing behind when it is cut off half-way', async () => {
    const objects = filesUnder('raw').length;
    const before = await uploads();
    const url = new URL('/api/v1/sales-data/upload', await api.app.getUrl());
    await new Promise<void>((resolve) => {
      const request = httpRequest(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${planner}`,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': '10000000',
        },
      });
      request.on('error', () => resolve());
      request.write('--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n');
      request.write(`${HEADER}\n${'2024-01-01,CUT,S1,1\n'.repeat(20_000)}`);
      setTimeout(() => request.destroy(), 300);
    });
    for (let i = 0; i < 50 && filesUnder('.incoming').length; i++) await sleep(100);
    expect(filesUnder('.incoming')).toEqual([]);
    expect(filesUnder('raw')).toHaveLength(objects);
    expect(await uploads()).toBe(before);
  });
});

describe('reading', () => {
  it('refuses what it does not know', async () => {
    const unknown = '00000000-0000-4000-8000-000000000000';
    await get(`/sales-data/${unknown}`).expect(404);
    await get('/sales-data/not-a-uuid').expect(400);
    await get(`/sales-data/${unknown}?form=2024-01-01`).expect(400);
    await get(`/sales-data/${unknown}?from=2024-02-30`).expect(400);
    await get(`/sales-data/${unknown}?from=2024-02-02&to=2024-02-01`).expect(400);
    await get(`/sales-data/${unknown}?from=1990-01-01&to=2024-02-01`).expect(400);
    await get(`/sales-data/${unknown}?grain=year`).expect(400);
    await get(`/sales-data/${unknown}?cursor=xyz`).expect(400);
    await get(`/sales-data/uploads/${unknown}`).expect(404);
    await get(`/sales-data/uploads/${unknown}/rejected`).expect(404);
    await get('/sales-data/uploads?cursor=WzEsIngiXQ').expect(400);
  });

  it('pages through the uploads, newest first', async () => {
    for (let i = 0; i < 7; i++) {
      await api.http
        .post('/api/v1/sales-data/upload')
        .set('authorization', `Bearer ${planner}`)
        .attach('file', Buffer.from(`${HEADER}\n2024-01-0${i + 1},A,S1,1\n`), `${i}.csv`)
        .expect(202);
    }
    const first = await get('/sales-data/uploads?limit=3').expect(200);
    const second = await get(`/sales-data/uploads?limit=3&cursor=${first.body.next_cursor}`).expect(200);
    const dates = [...first.body.items, ...second.body.items].map(({ created_at: at }: { created_at: string }) => at);
    expect(dates).toHaveLength(6);
    expect([...dates].sort().reverse()).toEqual(dates);
  });
});
