import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from './object-store.ts';

/** Stands for a folder with nothing in it: stores know no folders, and a database does not start without its empty ones. */
const EMPTY = '.empty-folder';
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** What was copied. */
export interface FolderCopy {
  /** Files that were there already, of the same size. */
  readonly kept: number;
  readonly copied: number;
  readonly removed: number;
  readonly bytes: number;
}

/**
 * Makes what lies below a key of the store the same as a folder, for files whose content never changes under a name, such
 * as base backups and archived WAL: what is there in the same size is left alone, what the folder no longer holds is
 * removed last. Names that begin with a dot are not whole yet and stay behind. May be repeated after a break.
 */
export async function storeFolder(store: ObjectStore, folder: string, prefix: string): Promise<FolderCopy> {
  const there = new Map<string, number>();
  for await (const { key, bytes } of store.list(prefix)) there.set(key, bytes);
  let [kept, copied, bytes] = [0, 0, 0];
  for await (const { name, size } of filesBelow(folder, '')) {
    const key = `${prefix}/${name}`;
    const known = there.get(key);
    there.delete(key);
    if (known === size) kept++;
    else {
      // An empty folder has no file to read.
      const content = createReadStream(name.endsWith(`/${EMPTY}`) ? '/dev/null' : join(folder, name));
      bytes += (await store.put(key, content)).bytes;
      copied++;
    }
  }
  for (const key of there.keys()) await store.delete(key);
  return { kept, copied, removed: there.size, bytes };
}

/**
 * Writes what lies below a key of the store into a folder, for its owner alone to read, as PostgreSQL wants its files. A
 * file appears whole or not at all; those that are there in the same size are left alone.
 */
export async function fetchFolder(store: ObjectStore, prefix: string, folder: string): Promise<FolderCopy> {
  let [kept, copied, bytes] = [0, 0, 0];
  for await (const object of store.list(prefix)) {
    const name = object.key.slice(prefix.length + 1);
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    if (name.endsWith(`/${EMPTY}`)) continue;
    const known = await stat(path).catch(() => null);
    if (known?.size === object.bytes) {
      kept++;
      continue;
    }
    const temporary = join(dirname(path), `.${path.slice(dirname(path).length + 1)}.part`);
    try {
      await pipeline(await store.get(object.key), createWriteStream(temporary, { mode: FILE_MODE, flush: true }));
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    copied++;
    bytes += object.bytes;
  }
  return { kept, copied, removed: 0, bytes };
}

async function* filesBelow(folder: string, below: string): AsyncGenerator<{ name: string; size: number }> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (visible.length === 0 && below !== '') yield { name: `${below}/${EMPTY}`, size: 0 };
  for (const entry of visible) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, name);
    else if (entry.isFile()) yield { name, size: (await stat(join(folder, name))).size };
  }
}
