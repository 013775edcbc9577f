import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import { artefactHash, ModelArtefacts } from '../../src/forecasts/registry/model-artefacts.ts';
import { loadConfig } from '../../src/platform/config/index.ts';
import { dataSourceOptions } from '../../src/platform/database/index.ts';
import { FolderObjectStore, ObjectStore, StoreAwayError } from '../../src/platform/objectstore/index.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

const MODEL = 'trees '.repeat(100_000);
const ARTEFACT = { version: 'v1', key: 'models/v1/model.txt', sha256: artefactHash(MODEL) };

let database: TestDatabase;
let dataSource: DataSource;
let folder: string;
let store: ObjectStore;
let artefacts: ModelArtefacts;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-models-'));
  store = new FolderObjectStore(folder);
  const config = loadConfig({ DATABASE_URL: database.url, DATA_DIR: folder, NODE_ENV: 'test' });
  dataSource = await new DataSource(dataSourceOptions(config, 'test')).initialize();
  artefacts = new ModelArtefacts(dataSource, store);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  expect(await artefacts.save('v1', MODEL)).toMatchObject({ key: ARTEFACT.key, sha256: ARTEFACT.sha256 });
});

const damage = async (how: 'store' | 'database'): Promise<void> => {
  if (how === 'store') await store.put(ARTEFACT.key, Readable.from([Buffer.from('no model')]));
  else await dataSource.query(`UPDATE model_texts SET gzip = 'no gzip'`);
};

describe('the text of a model', () => {
  it('is in the object store and, smaller, in the database', async () => {
    expect(await text(await store.get(ARTEFACT.key))).toBe(MODEL);
    const [{ bytes }] = await dataSource.query<{ bytes: number }[]>('SELECT length(gzip) AS bytes FROM model_texts');
    expect(bytes).toBeLessThan(MODEL.length / 10);
  });

  it('is read without the object store', async () => {
    const away = Object.create(store, { get: { value: () => Promise.reject(new StoreAwayError()) } }) as ObjectStore;
    expect(await new ModelArtefacts(dataSource, away).load(ARTEFACT)).toBe(MODEL);
  });

  it('survives the loss of either copy, and is put back into the database', async () => {
    await damage('store');
    expect(await artefacts.load(ARTEFACT)).toBe(MODEL);
    await artefacts.save('v1', MODEL);
    await damage('database');
    expect(await artefacts.load(ARTEFACT)).toBe(MODEL);
    await damage('store');
    expect(await artefacts.load(ARTEFACT)).toBe(MODEL);
  });

  it('is refused when both are damaged, and waited for while the store is away', async () => {
    await damage('database');
    const away = Object.create(store, { get: { value: () => Promise.reject(new StoreAwayError()) } }) as ObjectStore;
    await expect(new ModelArtefacts(dataSource, away).load(ARTEFACT)).rejects.toMatchObject({ status: 503 });
    await damage('store');
    await expect(artefacts.load(ARTEFACT)).rejects.toMatchObject({ code: 'MODEL_DAMAGED' });
    await store.delete(ARTEFACT.key);
    await expect(artefacts.load(ARTEFACT)).rejects.toMatchObject({ code: 'MODEL_DAMAGED' });
    await expect(artefacts.load({ ...ARTEFACT, version: 'v2' })).rejects.toMatchObject({ code: 'MODEL_DAMAGED' });
  });
});
