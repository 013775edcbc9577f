import type { EntityManager } from 'typeorm';
import type { ListedObject } from '../../platform/objectstore/index.ts';

/** What is known of a file in the drop folder. Its tag changes with its content; then everything begins anew. */
export interface DroppedFile {
  readonly object_key: string;
  readonly tag: string;
  readonly state: 'seen' | 'taken' | 'refused';
  /** Times that it could not be read, by no fault that is known. */
  readonly failures: number;
  /** Whether it has been the same for long enough to be whole. */
  readonly settled: boolean;
}

/** Notes files as they lie there now, and forgets those that are gone. @param settleSeconds how long a file is the same before it is settled */
export async function noteDropped(
  manager: EntityManager,
  objects: readonly ListedObject[],
  settleSeconds: number,
): Promise<DroppedFile[]> {
  const keys = objects.map(({ key }) => key);
  await manager.query(`DELETE FROM dropped_files WHERE object_key <> ALL ($1)`, [keys]);
  await manager.query(
    `INSERT INTO dropped_files AS d (object_key, tag, bytes) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ON CONFLICT (object_key) DO UPDATE SET tag = excluded.tag, bytes = excluded.bytes, state = 'seen', seen_at = now(),
       failures = 0, upload_id = NULL, reason = NULL WHERE d.tag <> excluded.tag`,
    [keys, objects.map(({ tag }) => tag), objects.map(({ bytes }) => bytes)],
  );
  return manager.query<DroppedFile[]>(
    `SELECT object_key, tag, state, failures, seen_at <= now() - $1 * interval '1 second' AS settled
     FROM dropped_files ORDER BY failures, seen_at, object_key`,
    [settleSeconds],
  );
}

/** A file has become an upload. */
export async function markTaken(manager: EntityManager, key: string, tag: string, uploadId: string): Promise<void> {
  await manager.query(
    `UPDATE dropped_files SET state = 'taken', upload_id = $3, reason = NULL WHERE object_key = $1 AND tag = $2`,
    [key, tag, uploadId],
  );
}

/** A file is left alone until it changes. */
export async function markRefused(manager: EntityManager, key: string, tag: string, reason: string): Promise<void> {
  await manager.query(`UPDATE dropped_files SET state = 'refused', reason = $3 WHERE object_key = $1 AND tag = $2`, [
    key,
    tag,
    reason,
  ]);
}

/** A file could not be read this time. */
export async function countFailure(manager: EntityManager, key: string, tag: string): Promise<void> {
  await manager.query(`UPDATE dropped_files SET failures = failures + 1 WHERE object_key = $1 AND tag = $2`, [
    key,
    tag,
  ]);
}
