import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ObjectStore, S3ObjectStore } from '../../src/platform/objectstore/index.ts';
import { BUCKET, S3Server, startS3Server } from '../support/s3-server.ts';
import { all, bucketAt, bytesOf, chunked, MEGABYTE, PATIENCE, ZONES } from '../support/small-lake.ts';
import { startStsServer, StsServer } from '../support/sts-server.ts';

let server: S3Server;
let zoned: ObjectStore;
beforeAll(async () => {
  Logger.overrideLogger(false);
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-secret';
  server = await startS3Server([BUCKET, 'lake-raw', 'lake-wood', 'lake-work']);
  zoned = await S3ObjectStore.connect(
    { ...bucketAt(server), bucket: 'lake-{zone}', zones: ZONES, prefix: '' },
    PATIENCE,
  );
});
afterAll(() => server.stop());

describe('a bucket for each zone', () => {
  const names = (zone: string) => [...(server.buckets.get(`lake-${zone}`)?.keys() ?? [])].sort();
  const put = async (...keys: string[]) => {
    for (const key of keys) await zoned.put(key, Readable.from([Buffer.from(key)]));
  };
  beforeEach(() => {
    for (const [name, objects] of server.buckets) if (name !== BUCKET) objects.clear();
  });

  it('takes what its zone begins with, and has the rest in a bucket of its own', async () => {
    await put('raw/sales/2023/10/27/stream-shard-01.json', 'tree/x', 'runs/1/a', 'raws/1', 'raw');
    expect(names('raw')).toEqual(['sales/2023/10/27/stream-shard-01.json']);
    expect(names('wood')).toEqual(['x']);
    expect(names('work')).toEqual(['raw', 'raws/1', 'runs/1/a']);
    expect(await text(await zoned.get('raw/sales/2023/10/27/stream-shard-01.json'))).toMatch(/^raw/);
    await zoned.delete('tree/x');
    expect(names('wood')).toEqual([]);
    const url = (await zoned.putUrl('raw/drop/a.csv', 60)) as string;
    expect(new URL(url).pathname).toBe('/lake-raw/drop/a.csv');
  });

  it('is listed and emptied as a whole, too', async () => {
    await put('raw/a', 'raw/b/c', 'tree/x', 'runs/1/a', 'runs/2/b');
    const keys = async (of: string) => (await all(zoned.list(of))).map(({ key }) => key);
    expect(await keys('raw')).toEqual(['raw/a', 'raw/b/c']);
    expect(await keys('raw/b')).toEqual(['raw/b/c']);
    expect(await keys('runs')).toEqual(['runs/1/a', 'runs/2/b']);
    await zoned.deleteFolder('runs/1');
    await zoned.deleteFolder('raw/');
    expect([names('raw'), names('wood'), names('work')]).toEqual([[], ['x'], ['runs/2/b']]);
  });

  it('has a prefix in each bucket, if so wanted', async () => {
    const shop = await S3ObjectStore.connect({ ...bucketAt(server), bucket: 'lake-{zone}', zones: ZONES }, PATIENCE);
    await shop.put('raw/sales/a', Readable.from([Buffer.from('a')]));
    await shop.put('runs/a', Readable.from([Buffer.from('a')]));
    await put('raw/other');
    expect([names('raw'), names('work')]).toEqual([['other', 'shop/sales/a'], ['shop/runs/a']]);
    expect((await all(shop.list('raw'))).map(({ key }) => key)).toEqual(['raw/sales/a']);
    await shop.deleteFolder('raw');
    expect(names('raw')).toEqual(['other']);
  });
});

describe('a bucket that only a role may use', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/upload';
  let sts: StsServer;
  beforeAll(async () => {
    sts = await startStsServer();
    process.env.AWS_ENDPOINT_URL_STS = sts.url;
  });
  beforeEach(() => {
    sts.assumed.length = 0;
    server.signers.length = 0;
    sts.validSeconds = 3600;
    sts.refuses = false;
  });
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL_STS;
    await sts.stop();
  });
  const store = () => S3ObjectStore.connect({ ...bucketAt(server), roleArn }, { ...PATIENCE, tries: 2 });
  const signedBy = (n: number) => ({ keyId: `ASIA${n}`, token: `token-${n}` });

  it('is asked with its temporary credentials, which are fetched once while they are valid', async () => {
    const bucket = await store();
    expect(sts.assumed).toEqual([]);
    await bucket.put('role/a', Readable.from([Buffer.from('a')]));
    expect(await text(await bucket.get('role/a'))).toBe('a');
    await bucket.put('role/large', chunked(bytesOf(20 * MEGABYTE)));
    await bucket.deleteFolder('role');
    expect(server.signers.length).toBeGreaterThan(6);
    for (const signer of server.signers) expect(signer).toEqual(signedBy(1));
    expect(sts.assumed).toEqual([{ roleArn, session: 'shelfcast', by: 'test' }]);
  });

  it('is asked with others before these expire', async () => {
    const bucket = await store();
    sts.validSeconds = 60;
    await bucket.stat('role/a');
    expect(server.signers[0].keyId).toMatch(/^ASIA/);
    sts.validSeconds = 3600;
    // Those about to expire may still serve while others are fetched.
    const latest = () => server.signers.at(-1)?.keyId === `ASIA${sts.assumed.length}`;
    for (let n = 0; n < 50 && (n < 3 || !latest()); n++) await bucket.stat('role/a');
    const fetched = sts.assumed.length;
    expect(fetched).toBeGreaterThan(1);
    for (let n = 0; n < 3; n++) await bucket.stat('role/a');
    expect(server.signers.slice(-3)).toEqual(Array(3).fill(signedBy(fetched)));
    expect(sts.assumed).toHaveLength(fetched);
  });

  it('gives addresses that its role signed, for as long as they are to live', async () => {
    const bucket = await store();
    sts.validSeconds = 600;
    const put = async (seconds: number) =>
      (await fetch((await bucket.putUrl('role/drop', seconds)) as string, { method: 'PUT', body: 'x' })).status;
    expect([await put(60), await put(900)]).toEqual([200, 200]);
    expect(server.signers).toEqual([signedBy(1), signedBy(2)]);
  });

  it('is away where the role may not be assumed', async () => {
    const bucket = await store();
    sts.refuses = true;
    for (const work of [() => bucket.stat('role/a'), () => bucket.putUrl('role/a', 60)])
      await expect(work()).rejects.toMatchObject({ status: 503, code: 'STORE_AWAY' });
    expect(server.signers).toEqual([]);
  });
});
