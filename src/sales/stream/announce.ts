import type { Client } from 'pg';
import { advanceClock } from '../import/rollups.ts';

/** Changes of days gone by are announced together, at most so often: each announcement has forecasts judged again. */
const EVERY_SECONDS = 60;

/** Condition on `stream_days` for those to be announced now; `$1` is the business's day. */
export const DUE_DAYS = `
  date < $1 AND (date > (SELECT coalesce(business_date, '-infinity') FROM data_clock)
    OR (SELECT updated_at < now() - interval '${EVERY_SECONDS} seconds' FROM data_clock))`;

/**
 * Tells the data's clock of the days that are over: until then a day on which events still come in is no part of the
 * history, and half a day is never taken for the last one. Days gone by that late events have changed are announced as
 * a load announces those it has changed. Runs inside a transaction that holds the lock of the writers of sales.
 * @param today the business's day, ISO
 * @returns how many places and days were announced
 */
export async function announceDays(client: Client, today: string): Promise<number> {
  const { rows } = await client.query<{ first: string | null; last: string; count: number }>(
    `WITH over AS (
       DELETE FROM stream_days WHERE ${DUE_DAYS}
       RETURNING location, date),
     dated AS (
       UPDATE sales_daily AS d SET load_sequence = (SELECT load_sequence + 1 FROM data_clock)
       FROM over WHERE d.location = over.location AND d.date = over.date)
     SELECT min(date) AS first, max(date) AS last, count(*) AS count FROM over`,
    [today],
  );
  const [{ first, last, count }] = rows;
  if (first !== null) await advanceClock(client, { first, last });
  return count;
}
