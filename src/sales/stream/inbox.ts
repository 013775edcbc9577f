import type { EntityManager } from 'typeorm';
import { DUE_DAYS } from './announce.ts';
import type { EventColumns } from './event.ts';

/** Keeps the accepted events of one request; once this is committed they will be stored. */
export async function keepBatch(manager: EntityManager, events: EventColumns): Promise<void> {
  const lines = `${events.lines.join('\n')}\n`;
  await manager.query(
    `INSERT INTO stream_batches (events, bytes, event_ids, days, products, locations, quantities, prices, lines)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      events.ids.length,
      Buffer.byteLength(lines),
      events.ids,
      events.days,
      events.products,
      events.locations,
      events.quantities,
      events.prices,
      lines,
    ],
  );
}

/** How far storing is behind what has come in: age of the oldest batch that is not stored, milliseconds; 0 = none waits. */
export async function streamLag(manager: EntityManager): Promise<number> {
  const [oldest] = await manager.query<{ lag: number }[]>(
    `SELECT (extract(epoch FROM clock_timestamp() - arrived_at) * 1000)::float8 AS lag
     FROM stream_batches WHERE shard IS NULL ORDER BY id LIMIT 1`,
  );
  return oldest ? Math.max(0, Math.round(oldest.lag)) : 0;
}

/** What there is to do for the jobs of the stream. */
export interface OpenWork {
  readonly store: boolean;
  readonly land: boolean;
}

/**
 * Looks for work that has come due, whoever forgot to say so.
 * @param today the business's day; days before it are over
 * @param shardSeconds longest a shard stays open
 */
export async function openWork(manager: EntityManager, today: string, shardSeconds: number): Promise<OpenWork> {
  const [work] = await manager.query<OpenWork[]>(
    `SELECT EXISTS (SELECT 1 FROM stream_batches WHERE shard IS NULL)
         OR EXISTS (SELECT 1 FROM stream_shards WHERE closed_at IS NULL AND opened_at < now() - $2 * interval '1 second')
         OR EXISTS (SELECT 1 FROM stream_days WHERE ${DUE_DAYS}) AS store,
       EXISTS (SELECT 1 FROM stream_shards WHERE closed_at IS NOT NULL AND landed_at IS NULL) AS land`,
    [today, shardSeconds],
  );
  return work;
}
