import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  fetchFolder,
  FolderObjectStore,
  ObjectStore,
  S3ObjectStore,
  storeFolder,
} from '../../src/platform/objectstore/index.ts';
import { BUCKET, S3Server, startS3Server } from '../support/s3-server.ts';

let server: S3Server;
let folder: string;
let s3: ObjectStore;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test-secret';
  server = await startS3Server();
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-backups-'));
  const bucket = {
    bucket: BUCKET,
    prefix: '',
    endpoint: server.url,
    pathStyle: true,
    region: 'us-east-1',
    kmsKeyId: null,
    zones: new Map<string, string>(),
    roleArn: null,
  };
  s3 = await S3ObjectStore.connect(bucket);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything below a folder by its path: the content of files, null for folders. */
function treeOf(root: string, below = ''): Record<string, string | null> {
  return Object.fromEntries(
    readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
      const name = join(below, entry.name);
      return entry.isDirectory()
        ? [[name, null], ...Object.entries(treeOf(root, name))]
        : [[name, readFileSync(join(root, name), 'utf8')]];
    }),
  );
}

describe.each(['a folder', 'S3'])('backups in %s', (kind) => {
  let store: ObjectStore;
  let source: string;
  const write = (name: string, content: string) => {
    mkdirSync(join(source, name, '..'), { recursive: true });
    writeFileSync(join(source, name), content);
  };
  beforeAll(() => {
    store = kind === 'S3' ? s3 : new FolderObjectStore(join(folder, 'lake'));
    source = join(folder, `source ${kind}`);
    write('base/20260301T000000Z/PG_VERSION', '18\n');
    write('base/20260301T000000Z/base/1/112', 'pages');
    write('base/20260301T000000Z/empty-file', '');
    write('wal/000000010000000000000001', 'one');
    // A database does not start without its empty folders.
    mkdirSync(join(source, 'base/20260301T000000Z/pg_notify'));
  });

  it('come back as they were, for their owner alone', async () => {
    expect(await storeFolder(store, source, 'backups')).toEqual({ kept: 0, copied: 5, removed: 0, bytes: 11 });
    const back = join(folder, `back ${kind}`);
    expect(await fetchFolder(store, 'backups', back)).toEqual({ kept: 0, copied: 4, removed: 0, bytes: 11 });
    expect(treeOf(back)).toEqual(treeOf(source));
    expect(statSync(join(back, 'base/20260301T000000Z')).mode & 0o777).toBe(0o700);
    expect(statSync(join(back, 'base/20260301T000000Z/PG_VERSION')).mode & 0o777).toBe(0o600);
    expect(await fetchFolder(store, 'backups', back)).toMatchObject({ kept: 4, copied: 0 });
  });

  it('are not copied twice, leave out what is not whole, and go when they are gone', async () => {
    await store.put('backups/base/20260301T000000Z/base/1/112', Readable.from([Buffer.from('torn')]));
    rmSync(join(source, 'wal/000000010000000000000001'));
    write('wal/000000010000000000000002', 'second');
    write('wal/.000000010000000000000003.part', 'half');
    expect(await storeFolder(store, source, 'backups')).toEqual({ kept: 3, copied: 2, removed: 1, bytes: 11 });
    expect(await text(await store.get('backups/base/20260301T000000Z/base/1/112'))).toBe('pages');
    const keys: string[] = [];
    for await (const { key } of store.list('backups/wal')) keys.push(key);
    expect(keys).toEqual(['backups/wal/000000010000000000000002']);
  });
});
