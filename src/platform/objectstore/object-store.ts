import type { Readable } from 'node:stream';

/** What was stored. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Lower-case hex SHA-256 of the content. */
  readonly sha256: string;
}

/** Keeps whole objects under slash-separated keys: raw files, artefacts, reports. Objects appear complete or not at all. */
export abstract class ObjectStore {
  /** Stores a stream; rejects, leaving nothing behind, when the stream fails. */
  abstract put(key: string, content: Readable): Promise<StoredObject>;
  /** @throws NotFoundError when there is no such object */
  abstract get(key: string): Promise<Readable>;
  abstract delete(key: string): Promise<void>;
  /** Deletes every object whose key lies below a folder; there need be none. */
  abstract deleteFolder(folder: string): Promise<void>;
}
