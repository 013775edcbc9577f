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
 * @param keyOf key of the object, or how to make it from the SHA-256 of the content, for objects named by what they hold
 */
export async function storeParquet(
  store: ObjectStore,
  keyOf: string | ((sha256: string) => string),
  columns: readonly ParquetColumn[],
  rows: ParquetRows,
): Promise<StoredParquet> {
  const folder = await mkdtemp(join(tmpdir(), 'shelfcast-parquet-'));
  try {
    const file = join(folder, 'content.parquet');
    const count = await writeParquet(file, columns, rows);
    const key = typeof keyOf === 'string' ? keyOf : keyOf(await sha256Of(file));
    return { rows: count, object: await store.put(key, createReadStream(file)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
