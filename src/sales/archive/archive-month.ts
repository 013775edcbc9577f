import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';
import { storeParquet } from '../../platform/parquet/index.ts';
import { nextMonth } from '../daily-data/months.ts';
import { lockSales, partitionOf } from '../import/load.ts';
import { queryOf } from '../import/ownership.ts';
import { ARCHIVE_COLUMNS, archiveKey, archiveRows, countArchive, sameSum, withArchiveFile } from './archive-file.ts';

/**
 * Key of the advisory lock that archiving and restoring hold for as long as they work: two at once would write the same
 * object, and one might then hold what the other has counted.
 */
const ARCHIVE_LOCK = 7_436_003;
/** How long readers of sales may have to wait behind the removal of a month, and how often that is tried. */
const DETACH_TIMEOUT = '3s';
const DETACH_TRIES = 20;
const PAUSE_MS = 3_000;
/** Times a month is written anew since a load changed it meanwhile. */
const WRITE_TRIES = 3;

/** Whether the caller may still publish; asked inside the transaction that does. */
export type Owns = (query: (sql: string, parameters: unknown[]) => Promise<unknown[]>) => Promise<boolean>;

/** What became of a month: `busy` and `changing` ones are for another day. */
export type ArchiveOutcome = 'archived' | 'busy' | 'changing' | 'superseded';

/** The sales of a month as they stood at one moment, and the file that holds them. */
interface WrittenMonth {
  readonly rows: number;
  readonly quantity: number;
  /** The latest load that changed the month. */
  readonly loadSequence: number;
  readonly object: StoredObject;
}

/** Waits until nobody else archives or restores; held until the connection ends. */
export async function lockArchive(client: Client): Promise<void> {
  await client.query(`SET lock_timeout = '10min'`);
  await client.query('SELECT pg_advisory_lock($1)', [ARCHIVE_LOCK]);
}

/**
 * Writes a month of sales into the object store, reads it back, and takes it out of the tables in one short transaction;
 * the totals by place and day stay. What is killed in between leaves the month where it was.
 * @param client bulk connection that holds {@link lockArchive}
 */
export async function archiveMonth(
  client: Client,
  store: ObjectStore,
  month: string,
  { owns, signal }: { readonly owns: Owns; readonly signal: AbortSignal },
): Promise<ArchiveOutcome> {
  for (let attempt = 0; attempt < WRITE_TRIES; attempt++) {
    const written = await writeMonth(client, store, month);
    for (let tries = 0; ; tries++) {
      signal.throwIfAborted();
      const outcome = await removeMonth(client, month, written, owns);
      if (outcome === 'changing') break;
      if (outcome !== 'busy' || tries === DETACH_TRIES) return outcome;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
  return 'changing';
}

/** The latest load that changed a month. */
async function latestLoad(client: Client, month: string): Promise<number> {
  const { rows } = await client.query<{ sequence: number }>(
    `SELECT coalesce(max(load_sequence), 0) AS sequence FROM sales_daily WHERE date >= $1 AND date < $2`,
    [month, nextMonth(month)],
  );
  return rows[0].sequence;
}

async function writeMonth(client: Client, store: ObjectStore, month: string): Promise<WrittenMonth> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const loadSequence = await latestLoad(client, month);
  const { rows: counts } = await client.query<{ rows: number; quantity: number }>(
    `SELECT count(*) AS rows, coalesce(sum(quantity_sold), 0) AS quantity FROM sales WHERE date >= $1 AND date < $2`,
    [month, nextMonth(month)],
  );
  const { object } = await storeParquet(store, archiveKey(month), ARCHIVE_COLUMNS, archiveRows(client, month));
  await client.query('COMMIT');
  const [{ rows, quantity }] = counts;
  // What is about to be the only copy is counted as it came back from the store.
  const found = await withArchiveFile(store, object, countArchive);
  if (found.rows !== rows || !sameSum(found.quantity, quantity))
    throw new Error(`${object.key} holds ${found.rows} rows instead of ${rows}, or other units`);
  return { rows, quantity, loadSequence, object };
}

async function removeMonth(
  client: Client,
  month: string,
  { rows, quantity, loadSequence, object }: WrittenMonth,
  owns: Owns,
): Promise<ArchiveOutcome> {
  const partition = partitionOf(month);
  await client.query('BEGIN');
  try {
    await lockSales(client);
    if (!(await owns(queryOf(client)))) return await rolledBack(client, 'superseded');
    if ((await latestLoad(client, month)) !== loadSequence) return await rolledBack(client, 'changing');
    await client.query(
      `UPDATE sales_series AS s SET sales_rows = s.sales_rows - gone.rows
       FROM (SELECT product, location, count(*)::int AS rows FROM ${partition} GROUP BY product, location) AS gone
       WHERE s.product = gone.product AND s.location = gone.location`,
    );
    await client.query(
      `INSERT INTO archived_months (month, sales_rows, quantity, object_key, bytes, sha256) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (month) DO UPDATE SET sales_rows = $2, quantity = $3, object_key = $4, bytes = $5, sha256 = $6,
         archived_at = now(), restored_at = NULL, keep_until = NULL`,
      [month, rows, quantity, object.key, object.bytes, object.sha256],
    );
    // Last, since from here on no other reader of sales gets in; and with patience for those inside only.
    await client.query(`SET LOCAL lock_timeout = '${DETACH_TIMEOUT}'`);
    await client.query(`ALTER TABLE sales DETACH PARTITION ${partition}`);
    await client.query(`DROP TABLE ${partition}`);
    await client.query('COMMIT');
    return 'archived';
  } catch (error) {
    await client.query('ROLLBACK');
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return 'busy';
    throw error;
  }
}

/** SQLSTATE of a wait for a lock that took too long. */
const LOCK_NOT_AVAILABLE = '55P03';

async function rolledBack(client: Client, outcome: ArchiveOutcome): Promise<ArchiveOutcome> {
  await client.query('ROLLBACK');
  return outcome;
}
