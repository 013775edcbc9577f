import { addAbortSignal } from 'node:stream';
import type { EntityManager } from 'typeorm';
import { AppError, NotFoundError } from '../../platform/http/index.ts';
import type { ListedObject, ObjectStore } from '../../platform/objectstore/index.ts';
import type { RegisteredUpload, StoredFile, UploadsService } from '../uploads.service.ts';

/** Folder of the object store that anybody may put sales files into, also into folders of their own below it. */
export const DROP_FOLDER = 'raw/drop';

/** Names that programs give to what they have not finished writing. */
const UNFINISHED = /^\.|\.(part|partial|filepart|crdownload|tmp)$/i;

/** What came of a dropped file. */
export type Outcome =
  | { readonly kind: 'taken'; readonly upload: RegisteredUpload }
  /** It cannot become an upload, however often it is tried. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It was changed or taken away while it was read. */
  | { readonly kind: 'moving' };

/** Whether a name is that of a file to take. */
export function isFinishedName(key: string): boolean {
  return !UNFINISHED.test(nameOf(key));
}

/** Last part of a key. */
export function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** What a dropped file is taken with. */
export interface Taking {
  readonly store: ObjectStore;
  readonly uploads: UploadsService;
  /** Whose upload it becomes; null = nobody's. */
  readonly owner: string | null;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Makes a dropped file an upload: copies it to where uploads lie, byte for byte, enters the upload and its job, and removes
 * what was dropped. A crash in between leaves a copy that nobody names, or a dropped file that is known to be taken.
 * @param within added to the transaction that enters the upload
 */
export async function takeDropped(
  dropped: ListedObject,
  { store, uploads, owner, mostBytes, signal }: Taking,
  within: (manager: EntityManager, upload: RegisteredUpload) => Promise<void>,
): Promise<Outcome> {
  if (dropped.bytes === 0) return { kind: 'refused', reason: 'The file is empty' };
  if (dropped.bytes > mostBytes) return { kind: 'refused', reason: `The file is larger than ${mostBytes} bytes` };
  let copy: StoredFile | null = null;
  try {
    const content = addAbortSignal(signal, await store.get(dropped.key));
    try {
      copy = await uploads.store(nameOf(dropped.key), content);
    } finally {
      content.destroy();
    }
    if (copy.bytes !== dropped.bytes || !(await isUnchanged(store, dropped))) {
      await uploads.discard(copy);
      return { kind: 'moving' };
    }
    const upload = await uploads.register(copy, { createdBy: owner, within });
    copy = null;
    await removeDropped(store, dropped);
    return { kind: 'taken', upload };
  } catch (error) {
    if (copy) await uploads.discard(copy).catch(() => undefined);
    if (error instanceof NotFoundError) return { kind: 'moving' };
    if (error instanceof AppError && error.status === 409) return { kind: 'moving' };
    if (error instanceof AppError && error.status < 500) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

/** Removes what was taken, unless something else lies there by now. */
export async function removeDropped(store: ObjectStore, dropped: Pick<ListedObject, 'key' | 'tag'>): Promise<void> {
  if (await isUnchanged(store, dropped)) await store.delete(dropped.key);
}

async function isUnchanged(store: ObjectStore, { key, tag }: Pick<ListedObject, 'key' | 'tag'>): Promise<boolean> {
  return (await store.stat(key))?.tag === tag;
}
