import { createHash, randomUUID } from 'node:crypto';
import { BigIntStats, createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ConflictError, NotFoundError } from '../http/index.ts';
import { keySegments, ListedObject, ObjectStore, PutOptions, StoredObject } from './object-store.ts';

/** Folder for what is not whole yet. */
const INCOMING = '.incoming';

/** Object store in a folder: for one machine, or a volume that all processes share. */
export class FolderObjectStore extends ObjectStore {
  readonly foreignObjectsAppearWhole = false;

  constructor(private readonly root: string) {
    super();
  }

  async put(key: string, content: Readable, { onlyNew = false }: PutOptions = {}): Promise<StoredObject> {
    const path = this.path(key);
    const temporary = join(this.root, INCOMING, randomUUID());
    await mkdir(dirname(path), { recursive: true });
    await mkdir(dirname(temporary), { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(temporary, { flush: true }));
      // Two writers of one new key in the same instant are not told apart; such keys are random.
      if (onlyNew && (await this.stat(key))) throw new ConflictError(`There is an object ${key} already`);
      const tag = tagOf(await stat(temporary, { bigint: true }));
      // The rename makes the object appear whole or not at all.
      await rename(temporary, path);
      return { key, bytes, sha256: hash.digest('hex'), tag };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  putUrl(): Promise<null> {
    return Promise.resolve(null);
  }

  async get(key: string, start = 0): Promise<Readable> {
    try {
      const file = await open(this.path(key));
      return createReadStream('', { fd: file, start, highWaterMark: 1 << 20 });
    } catch (error) {
      if (isMissing(error)) throw new NotFoundError('Object');
      throw error;
    }
  }

  async stat(key: string): Promise<ListedObject | null> {
    try {
      const stats = await stat(this.path(key), { bigint: true });
      return stats.isFile() ? listed(key, stats) : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async *list(folder: string): AsyncGenerator<ListedObject> {
    const below = keySegments(folder).join('/');
    const entries = await readdir(this.path(folder), { withFileTypes: true }).catch((error: Error) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const entry of entries) {
      const key = `${below}/${entry.name}`;
      if (entry.isDirectory()) yield* this.list(key);
      else if (entry.isFile()) {
        const object = await this.stat(key);
        // It may have gone since the folder was read.
        if (object) yield object;
      }
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.path(key), { force: true });
  }

  async deleteFolder(folder: string): Promise<void> {
    await rm(this.path(folder), { recursive: true, force: true });
  }

  private path(key: string): string {
    return join(this.root, ...keySegments(key));
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function tagOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}-${mtimeNs}`;
}

function listed(key: string, stats: BigIntStats): ListedObject {
  return { key, bytes: Number(stats.size), tag: tagOf(stats), modifiedAt: stats.mtime };
}
