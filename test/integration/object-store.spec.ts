import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { metrics } from '../../src/platform/metrics/metrics.ts';
import { FolderObjectStore, ListedObject, ObjectStore, S3ObjectStore } from '../../src/platform/objectstore/index.ts';
import { BUCKET, S3Server, startS3Server } from '../support/s3-server.ts';
import { all, bucketAt, bytesOf, chunked, MEGABYTE, PATIENCE, ZONES } from '../support/small-lake.ts';

let server: S3Server;
let folder: string;
let s3: ObjectStore;
let zoned: ObjectStore;
beforeAll(async () => {
  Logger.overrideLogger(false);
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-secret';
  server = await startS3Server([BUCKET, ...['raw', 'wood', 'work'].map((zone) => `lake-${zone}`)]);
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-store-'));
  s3 = await S3ObjectStore.connect(bucketAt(server), PATIENCE);
  zoned = await S3ObjectStore.connect(
    { ...bucketAt(server), bucket: 'lake-{zone}', zones: ZONES, prefix: '' },
    PATIENCE,
  );
});
afterEach(() => {
  server.mischief = () => undefined;
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A source that breaks after some megabytes. */
function breaking(megabytes: number): Readable {
  const chunks = function* () {
    for (let sent = 0; sent < megabytes; sent++) yield Buffer.alloc(MEGABYTE, sent);
    throw new Error('the client is gone');
  };
  return Readable.from(chunks(), { objectMode: false });
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

describe.each(['a folder', 'a bucket', 'a bucket for each zone'])('objects in %s', (kind) => {
  let store: ObjectStore;
  beforeAll(() => {
    store = kind === 'a folder' ? new FolderObjectStore(folder) : kind === 'a bucket' ? s3 : zoned;
  });

  it.each([0, 1, 100_000, 33 * MEGABYTE + 7])('come back as they were stored: %d bytes', async (length) => {
    const content = bytesOf(length);
    const stored = await store.put(`sizes/of ${length}`, chunked(content));
    expect(stored).toEqual({
      key: `sizes/of ${length}`,
      bytes: length,
      sha256: sha256(content),
      tag: expect.stringMatching(/./),
    });
    expect((await buffer(await store.get(stored.key))).equals(content)).toBe(true);
    const { modifiedAt, ...known } = (await store.stat(stored.key)) as ListedObject;
    expect(known).toEqual({ key: stored.key, bytes: length, tag: stored.tag });
    expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(600_000);
  });

  it.each([1, 2 * MEGABYTE, 3 * MEGABYTE, 3 * MEGABYTE + 5])('are read from byte %d on', async (start) => {
    const content = bytesOf(3 * MEGABYTE);
    await store.put('from', chunked(content));
    expect((await buffer(await store.get('from', start))).equals(content.subarray(start))).toBe(true);
  });

  it('are replaced as a whole, and tell by their tag', async () => {
    const first = await store.put('replaced', Readable.from([Buffer.from('first and longer')]));
    const second = await store.put('replaced', Readable.from([Buffer.from('second')]));
    expect(second.tag).not.toBe(first.tag);
    expect(await text(await store.get('replaced'))).toBe('second');
  });

  it('are not replaced where only new ones are wanted', async () => {
    await store.put('raw/once', Readable.from([Buffer.from('once')]), { onlyNew: true });
    await expect(store.put('raw/once', Readable.from([Buffer.from('again')]), { onlyNew: true })).rejects.toMatchObject(
      { status: 409 },
    );
    expect(await text(await store.get('raw/once'))).toBe('once');
  });

  it('are not found where there are none', async () => {
    await expect(store.get('no/such')).rejects.toMatchObject({ status: 404, code: 'NOT_FOUND' });
    expect(await store.stat('no/such')).toBeNull();
    expect(await store.stat('sizes')).toBeNull();
    expect(await all(store.list('no'))).toEqual([]);
    await store.delete('no/such');
    await store.deleteFolder('no');
  });

  it('are listed and deleted by folder, and not by the beginning of its name', async () => {
    for (const key of ['tree/a', 'tree/b/c', 'tree/b/ d+é&%.csv', 'tree2/e'])
      await store.put(key, Readable.from([Buffer.from(key)]));
    const keys = async (of: string) => (await all(store.list(of))).map(({ key, bytes }) => [key, bytes]);
    expect(await keys('tree')).toEqual([
      ['tree/a', 6],
      ['tree/b/ d+é&%.csv', Buffer.byteLength('tree/b/ d+é&%.csv')],
      ['tree/b/c', 8],
    ]);
    const [first] = await all(store.list('tree'));
    expect(await store.stat('tree/a')).toMatchObject({ bytes: first.bytes, tag: first.tag });
    expect(await text(await store.get('tree/b/ d+é&%.csv'))).toBe('tree/b/ d+é&%.csv');
    await store.delete('tree/a');
    await store.deleteFolder('tree/b/');
    expect(await keys('tree')).toEqual([]);
    expect(await keys('tree2')).toHaveLength(1);
  });

  it.each([0, 3, 20])('leave nothing behind when their source breaks after %d MB', async (megabytes) => {
    await expect(store.put('broken/one', breaking(megabytes))).rejects.toThrow('the client is gone');
    expect(await store.stat('broken/one')).toBeNull();
    expect(server.uploads.size).toBe(0);
    expect(readdirSync(join(folder, '.incoming'))).toEqual([]);
  });

  it('keep what was there when the source of another breaks', async () => {
    await store.put('kept', Readable.from([Buffer.from('good')]));
    await expect(store.put('kept', breaking(2))).rejects.toThrow('the client is gone');
    expect(await text(await store.get('kept'))).toBe('good');
  });

  it('hear that their source was gone before they came', async () => {
    const gone = Readable.from([Buffer.from('x')]);
    gone.destroy();
    await expect(store.put('gone', gone)).rejects.toThrow();
    expect(await store.stat('gone')).toBeNull();
  });

  it('are let go of by who stops reading', async () => {
    await store.put('long', chunked(bytesOf(8 * MEGABYTE)));
    const stream = await store.get('long');
    for await (const chunk of stream) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(stream.destroyed).toBe(true);
  });

  it('have keys within the store', async () => {
    for (const key of ['../out', 'a/../../out', '/etc/passwd', 'a//b', '', '.', 'a\0b'])
      await expect(store.put(key, Readable.from([Buffer.from('x')]))).rejects.toThrow('leaves the store');
  });
});

describe('a bucket', () => {
  it('holds its objects under the prefix, with the checksums the server verified', async () => {
    const content = bytesOf(1000);
    await s3.put('checked', chunked(content));
    const kept = server.objects.get('shop/checked');
    expect(kept?.headers['x-amz-checksum-sha256']).toBe(createHash('sha256').update(content).digest('base64'));
    expect(kept?.headers).not.toHaveProperty('x-amz-server-side-encryption');
    // Of a large object each part has one.
    const before = server.requests.length;
    await s3.put('parts', chunked(bytesOf(33 * MEGABYTE)));
    expect(server.requests.slice(before).map((request) => request.split(' ')[0])).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'CompleteMultipartUpload',
    ]);
  });

  it('is encrypted by the key it is given', async () => {
    const encrypted = await S3ObjectStore.connect(bucketAt(server, 'alias/lake'), PATIENCE);
    await encrypted.put('secret', Readable.from([Buffer.from('x')]));
    expect(server.objects.get('shop/secret')?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/lake',
    });
  });

  it('has addresses that one object may be put to, for a while', async () => {
    const content = bytesOf(10_000);
    const url = await s3.putUrl('drop/a b+c.csv', 60);
    const put = (to: string) => fetch(to, { method: 'PUT', body: content });
    expect((await put(url as string)).status).toBe(200);
    expect((await buffer(await s3.get('drop/a b+c.csv'))).equals(content)).toBe(true);
    const short = (await s3.putUrl('drop/late', 1)) as string;
    const until = new URL(short).searchParams;
    expect(until.get('X-Amz-Expires')).toBe('1');
    expect([...until.keys()].join()).not.toMatch(/checksum/i);
    await sleep(2_100);
    expect((await put(short)).status).toBe(403);
    expect(await new FolderObjectStore(folder).putUrl()).toBeNull();
  });

  it('is listed and emptied page by page', async () => {
    for (let i = 0; i < 2_345; i++)
      server.objects.set(`shop/many/${i}`, {
        content: Buffer.from('x'),
        etag: `"${i}"`,
        headers: {},
        modified: new Date(),
      });
    expect(await all(s3.list('many'))).toHaveLength(2_345);
    server.pageKeys = 100;
    expect(new Set((await all(s3.list('many'))).map(({ key }) => key)).size).toBe(2_345);
    await s3.deleteFolder('many');
    server.pageKeys = 1000;
    expect(await all(s3.list('many'))).toEqual([]);
  });

  it('shows no object for what a console calls a folder, and deletes it', async () => {
    server.objects.set('shop/console/', { content: Buffer.alloc(0), etag: '"0"', headers: {}, modified: new Date() });
    expect(await all(s3.list('console'))).toEqual([]);
    await s3.deleteFolder('console');
    expect(server.objects.has('shop/console/')).toBe(false);
  });

  it.each([
    ['500', { status: 500, code: 'InternalError' }],
    ['503', { status: 503, code: 'SlowDown' }],
    ['a cut connection', 'cut'],
  ] as const)('is asked again after %s', async (_, mischief) => {
    const content = bytesOf(33 * MEGABYTE);
    const failed = new Set<string>();
    server.mischief = (operation) => {
      if (failed.has(operation)) return undefined;
      failed.add(operation);
      return mischief;
    };
    const stored = await s3.put('again', chunked(content));
    expect(stored.sha256).toBe(sha256(content));
    expect((await buffer(await s3.get('again'))).equals(content)).toBe(true);
    expect(await all(s3.list('again'))).toEqual([]);
    await s3.deleteFolder('again');
    await s3.delete('again');
    expect([...failed].sort()).toEqual([
      'CompleteMultipartUpload',
      'CreateMultipartUpload',
      'DeleteObject',
      'GetObject',
      'ListObjectsV2',
      'UploadPart',
    ]);
    expect(server.uploads.size).toBe(0);
  });

  it('is read on where a connection broke', async () => {
    const content = bytesOf(3 * MEGABYTE);
    await s3.put('resumed', chunked(content));
    let reads = 0;
    server.mischief = (operation) => (operation === 'GetObject' && ++reads < 5 ? { cutAfter: 500_000 } : undefined);
    expect((await buffer(await s3.get('resumed'))).equals(content)).toBe(true);
    expect(reads).toBe(5);
  });

  it('gives no mixture of two contents where a connection broke', async () => {
    await s3.put('changing', chunked(bytesOf(3 * MEGABYTE)));
    let reads = 0;
    server.mischief = (operation) => {
      if (operation !== 'GetObject') return undefined;
      if (++reads > 1) return undefined;
      return { cutAfter: 500_000 };
    };
    const stream = await s3.get('changing');
    await s3.put('changing', chunked(Buffer.alloc(3 * MEGABYTE)));
    await expect(buffer(stream)).rejects.toMatchObject({ status: 409 });
  });

  it('that stays away is said to be away, leaves nothing and tells no secret', async () => {
    server.mischief = (operation) =>
      operation === 'CompleteMultipartUpload' ? { status: 503, code: 'SlowDown' } : undefined;
    await expect(s3.put('away', chunked(bytesOf(20 * MEGABYTE)))).rejects.toMatchObject({
      status: 503,
      code: 'STORE_AWAY',
    });
    expect(server.uploads.size).toBe(0);
    expect(server.objects.has('shop/away')).toBe(false);
    server.mischief = () => ({ status: 403, code: 'AccessDenied' });
    for (const work of [
      () => s3.get('away'),
      () => s3.stat('away'),
      () => s3.delete('away'),
      () => s3.deleteFolder('away'),
      () => all(s3.list('away')),
      () => s3.put('away', Readable.from([Buffer.from('x')])),
    ]) {
      const error = await work().then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ status: 503, code: 'STORE_AWAY' });
      expect(JSON.stringify({ ...error, message: error?.message, stack: error?.stack })).not.toContain('test-secret');
    }
  });

  it('that answers too slowly is given up', async () => {
    const hasty = await S3ObjectStore.connect(bucketAt(server), {
      connectMs: 1_000,
      answerMs: 300,
      silenceMs: 300,
      tries: 2,
    });
    server.mischief = () => ({ delayMs: 3_000 });
    await expect(hasty.get('slow')).rejects.toMatchObject({ status: 503 });
    await expect(hasty.put('slow', Readable.from([Buffer.from('x')]))).rejects.toMatchObject({ status: 503 });
  });

  it('is waited for while it is only slow', async () => {
    server.mischief = () => ({ delayMs: 500 });
    await s3.put('patient', Readable.from([Buffer.from('x')]));
    expect(await text(await s3.get('patient'))).toBe('x');
  });

  it('is left alone after failures in a row, and asked by one after a rest', async () => {
    const restMs = 3_000;
    const store = await S3ObjectStore.connect(bucketAt(server), { ...PATIENCE, tries: 1 }, { mostFailures: 3, restMs });
    const gauge = async () =>
      /^circuit_breaker_open\{dependency="object store"\} (\d)$/m.exec(await metrics.metrics())?.[1];
    const put = () => store.put('rested', Readable.from([Buffer.from('x')]));
    await put();
    expect(await gauge()).toBe('0');
    let requests = 0;
    let away = true;
    server.mischief = () => {
      requests++;
      return away ? { status: 503, code: 'SlowDown' } : undefined;
    };
    for (let i = 0; i < 5; i++) await expect(store.get('rested')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    const asked = requests;
    expect(asked).toBe(3);
    expect(await gauge()).toBe('1');
    await expect(put()).rejects.toMatchObject({ code: 'STORE_AWAY', headers: { 'retry-after': '5' } });
    expect(await store.putUrl('rested', 60)).toContain('X-Amz-Signature');
    expect(requests).toBe(asked);

    await sleep(restMs);
    await expect(store.stat('rested')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    await expect(store.stat('rested')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    expect([requests, await gauge()]).toEqual([asked + 1, '1']);

    away = false;
    await sleep(restMs);
    expect(await text(await store.get('rested'))).toBe('x');
    expect([requests, await gauge()]).toEqual([asked + 2, '0']);
  });

  it('is not left alone for what it refuses or does not have', async () => {
    const store = await S3ObjectStore.connect(bucketAt(server), PATIENCE, { mostFailures: 2, restMs: 60_000 });
    for (let i = 0; i < 4; i++) await expect(store.get('nothing there')).rejects.toMatchObject({ status: 404 });
    server.mischief = () => ({ status: 403, code: 'AccessDenied' });
    for (let i = 0; i < 4; i++) await expect(store.get('x')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    server.mischief = () => undefined;
    expect(await store.stat('nothing there')).toBeNull();
  });

  it('that is not there is said to be away', async () => {
    const nowhere = await S3ObjectStore.connect(
      { ...bucketAt(server), endpoint: 'http://127.0.0.1:1' },
      { ...PATIENCE, tries: 2 },
    );
    await expect(nowhere.get('x')).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});

describe('a folder', () => {
  it('shows what others put there', async () => {
    const store = new FolderObjectStore(folder);
    await store.put('drop/a', Readable.from([Buffer.from('a')]));
    await writeFile(join(folder, 'drop', 'b.csv'), 'bb');
    expect((await all(store.list('drop'))).map(({ key, bytes }) => [key, bytes])).toEqual([
      ['drop/a', 1],
      ['drop/b.csv', 2],
    ]);
  });
});
