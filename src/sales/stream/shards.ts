import type { Client } from 'pg';
import { Readable } from 'node:stream';
import type { EntityManager } from 'typeorm';
import type { StoredObject } from '../../platform/objectstore/index.ts';

/**
 * A shard ends at this size, or after this time: a stream of 5,000 events a second makes some four hundred files a day,
 * a trickle at most three hundred.
 */
export const SHARD_BYTES = 256 * 1024 * 1024;
export const SHARD_SECONDS = 300;

/** Text read at a time while a shard is written. */
const PAGE_BYTES = 4 * 1024 * 1024;
const PAGE_ROWS = 2_000;

/** A batch that is being stored. */
export interface PickedBatch {
  readonly id: number;
  readonly events: number;
  readonly bytes: number;
  /** Day of arrival, in UTC as with the files of uploads. */
  readonly day: string;
}

/**
 * Adds batches to the open shards of their days, which marks them as stored. The shard's row stays locked until the
 * transaction ends, so that nobody closes it without them.
 */
export async function assignShards(client: Client, batches: readonly PickedBatch[]): Promise<void> {
  for (const day of new Set(batches.map((batch) => batch.day))) {
    const own = batches.filter((batch) => batch.day === day);
    await client.query(
      `INSERT INTO stream_shards (day, number)
       SELECT $1, coalesce(max(number), 0) + 1 FROM stream_shards WHERE day = $1
       ON CONFLICT (day) WHERE closed_at IS NULL DO NOTHING`,
      [day],
    );
    const { rows } = await client.query<{ id: number }>(
      `UPDATE stream_shards SET events = events + $2, bytes = bytes + $3 WHERE day = $1 AND closed_at IS NULL RETURNING id`,
      [day, sum(own.map(({ events }) => events)), sum(own.map(({ bytes }) => bytes))],
    );
    await client.query(`UPDATE stream_batches SET shard = $2 WHERE id = ANY($1::bigint[])`, [
      own.map(({ id }) => id),
      rows[0].id,
    ]);
  }
}

/**
 * Closes the shards that are due: full, open for long, of a day gone by, or all there is for now while none was closed
 * lately.
 * @param idle whether no event waits
 * @returns how many were closed
 */
export async function closeShards(client: Client, idle: boolean): Promise<number> {
  const { rowCount } = await client.query(
    `UPDATE stream_shards SET closed_at = now()
     WHERE closed_at IS NULL AND (
       bytes >= $1 OR opened_at < now() - $2 * interval '1 second' OR day < (now() AT TIME ZONE 'UTC')::date
       OR ($3 AND NOT EXISTS (SELECT 1 FROM stream_shards AS s WHERE s.closed_at > now() - $2 * interval '1 second')))`,
    [SHARD_BYTES, SHARD_SECONDS, idle],
  );
  return rowCount ?? 0;
}

/** A closed shard that has no file yet. */
export interface ClosedShard {
  readonly id: number;
  readonly day: string;
  readonly number: number;
}

/** The oldest closed shard without a file. */
export async function nextToLand(manager: EntityManager): Promise<ClosedShard | null> {
  const [shard] = await manager.query<ClosedShard[]>(
    `SELECT id, day, number FROM stream_shards WHERE landed_at IS NULL AND closed_at IS NOT NULL ORDER BY id LIMIT 1`,
  );
  return shard ?? null;
}

/** Key of a shard's file. */
export function shardKey({ day, number }: Pick<ClosedShard, 'day' | 'number'>): string {
  return `raw/sales/${day.replaceAll('-', '/')}/stream-shard-${String(number).padStart(2, '0')}.json`;
}

/**
 * A shard's events as JSON lines, in the order they came. Which batches belong to it no longer changes, so whoever writes
 * the file writes the same bytes.
 */
export function shardContent(manager: EntityManager, shard: ClosedShard): Readable {
  // One page at a time: a stream of objects would read sixteen ahead.
  return Readable.from(shardPages(manager, shard.id), { highWaterMark: 1 });
}

async function* shardPages(manager: EntityManager, shard: number): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const rows = await manager.query<{ id: number; lines: string }[]>(
      `SELECT id, lines FROM (
         SELECT id, lines, sum(bytes) OVER (ORDER BY id) - bytes AS before
         FROM (SELECT id, bytes, lines FROM stream_batches WHERE shard = $1 AND id > $2 ORDER BY id LIMIT $3) AS next) AS page
       WHERE before < $4 ORDER BY id`,
      [shard, after, PAGE_ROWS, PAGE_BYTES],
    );
    if (rows.length === 0) return;
    yield rows.map(({ lines }) => lines).join('');
    after = rows[rows.length - 1].id;
  }
}

/** Records a shard's file and lets go of its batches. */
export async function recordLanded(manager: EntityManager, shard: ClosedShard, object: StoredObject): Promise<void> {
  await manager.query(
    `UPDATE stream_shards SET landed_at = now(), object_key = $2, bytes = $3, sha256 = $4 WHERE id = $1`,
    [shard.id, object.key, object.bytes, object.sha256],
  );
  await manager.query(`DELETE FROM stream_batches WHERE shard = $1`, [shard.id]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
