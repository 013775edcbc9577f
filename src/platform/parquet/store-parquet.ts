import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore, StoredObject } from '../objectstore/index.ts';
import { ParquetColumn, ParquetRows, writeParquet } from './parquet.ts';

/** A Parquet file in the object store. */
export interface StoredParquet {
  readonly rows: number;
  readonly object: StoredObject;
}

/**
 * Writes rows as a Parquet file into the object store, by way of a temporary folder: its writer needs a file it can seek
 * in. The same rows in the same order give the same bytes.
 */
export async function storeParquet(
  store: ObjectStore,
  key: string,
  columns: readonly ParquetColumn[],
  rows: ParquetRows,
): Promise<StoredParquet> {
  return withFolder(async (folder) => {
    const file = join(folder, 'content.parquet');
    const count = await writeParquet(file, columns, rows);
    return { rows: count, object: await store.put(key, createReadStream(file)) };
  });
}

/** A temporary folder for the time of some work on files. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shelfcast-parquet-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Lower-case hex SHA-256 of a file. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
