import type { Readable } from 'node:stream';

/** An object as the store knows it without its content. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** Is another whenever the object is written with other content: the ETag, or size and time of change of a file. */
  readonly tag: string;
  readonly modifiedAt: Date;
}

/** What was stored. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Lower-case hex SHA-256 of the content. */
  readonly sha256: string;
  /** As {@link ListedObject} has it. */
  readonly tag: string;
}

/** How an object is to be stored. */
export interface PutOptions {
  /** Refuses a key under which something lies, for objects that are never overwritten. */
  readonly onlyNew?: boolean;
}

/** Keeps whole objects under slash-separated keys: raw files, artefacts, reports. Objects appear complete or not at all. */
export abstract class ObjectStore {
  /**
   * Whether what others place here appears whole, too. In a folder it may be seen while it is still written.
   */
  abstract readonly foreignObjectsAppearWhole: boolean;
  /**
   * Stores a stream; rejects with its error, leaving nothing behind, when the stream fails.
   * @throws ConflictError under a key that is taken, where only a new one is allowed; StoreAwayError
   */
  abstract put(key: string, content: Readable, options?: PutOptions): Promise<StoredObject>;
  /**
   * An address that anybody who has it may put one object to, for some seconds; null where the store has none.
   * @throws StoreAwayError
   */
  abstract putUrl(key: string, seconds: number): Promise<string | null>;
  /**
   * @param start first byte to read, from 0
   * @throws NotFoundError when there is no such object; StoreAwayError
   */
  abstract get(key: string, start?: number): Promise<Readable>;
  /** What is known of an object; null if there is none. @throws StoreAwayError */
  abstract stat(key: string): Promise<ListedObject | null>;
  /** Every object below a folder, in no particular order; there need be none. @throws StoreAwayError */
  abstract list(folder: string): AsyncIterable<ListedObject>;
  /** Deletes an object; there need be none. @throws StoreAwayError */
  abstract delete(key: string): Promise<void>;
  /** Deletes every object whose key lies below a folder; there need be none. @throws StoreAwayError */
  abstract deleteFolder(folder: string): Promise<void>;
}

/** The segments of a key or folder. @throws Error for one that could lead out of the store, or to no object */
export function keySegments(key: string): string[] {
  const segments = key.replace(/\/$/, '').split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0')))
    throw new Error(`Object key leaves the store: ${key}`);
  return segments;
}
