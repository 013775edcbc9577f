import type { DataSource } from 'typeorm';
import { inParts } from '../../platform/housekeeping/index.ts';
import type { ChoreContext } from '../../platform/housekeeping/index.ts';
import { SALES_WRITE_LOCK } from '../import/load.ts';

/** Whole days an id is remembered after the day it was stored on: a day longer than events may be late. */
const ID_DAYS = 8;
/** Days that running totals are kept up: longer than events may be late, with room for a stream that stood still. */
const TOTAL_DAYS = 16;
const PART_ROWS = 10_000;
const DAY_MS = 86_400_000;

const isoDay = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Drops the ids that no event may come with any more. @returns number of days dropped */
export async function removeIds(dataSource: DataSource, now: Date): Promise<number> {
  return dataSource.transaction(async (manager) => {
    // In line with those who look ids up and add some, since a partition cannot be dropped under them; but not behind a
    // load of many minutes: there is another day.
    const [{ free }] = await manager.query<{ free: boolean }[]>('SELECT pg_try_advisory_xact_lock($1) AS free', [
      SALES_WRITE_LOCK,
    ]);
    if (!free) return 0;
    const [{ dropped }] = await manager.query<{ dropped: number }[]>('SELECT drop_stream_ids($1) AS dropped', [
      isoDay(now.getTime() - ID_DAYS * DAY_MS),
    ]);
    return dropped;
  });
}

/** Removes the running totals of days whose events are all in. */
export async function removeTotals(dataSource: DataSource, { now, signal }: ChoreContext): Promise<number> {
  const before = isoDay(now.getTime() - TOTAL_DAYS * DAY_MS);
  return inParts(signal, PART_ROWS, async () => {
    const [, count]: [unknown, number] = await dataSource.query(
      `DELETE FROM stream_totals WHERE ctid = ANY (ARRAY(SELECT ctid FROM stream_totals WHERE date < $1 LIMIT $2))`,
      [before, PART_ROWS],
    );
    return count;
  });
}

/** Removes what is remembered of shards that landed long ago; their files stay. */
export async function removeShards(dataSource: DataSource, before: Date): Promise<number> {
  const [, count]: [unknown, number] = await dataSource.query(
    `DELETE FROM stream_shards WHERE landed_at < $1 AND day < $2`,
    [before, isoDay(before.getTime())],
  );
  return count;
}
