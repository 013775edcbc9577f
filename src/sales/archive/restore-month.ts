import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ConflictError, NotFoundError } from '../../platform/http/index.ts';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { queryParquetTexts } from '../../platform/parquet/index.ts';
import { nextMonth } from '../daily-data/months.ts';
import { lockSales, partitionOf } from '../import/load.ts';
import { queryOf } from '../import/ownership.ts';
import { SALES_COLUMNS, SALES_TEXT, sameSum, withArchiveFile } from './archive-file.ts';
import type { Owns } from './archive-month.ts';
import { ArchivedMonth, findArchived } from './archived-months.ts';

/** How long sales that were brought back stay. */
export const RESTORED_DAYS = 30;

/**
 * Brings an archived month back: the same rows to the bit, and with them the counts of their series. The sales are out of
 * reach for writers only while the filled month is put in its place.
 * @param client bulk connection that holds the archive's lock
 * @returns null where another attempt has taken over
 * @throws NotFoundError for a month that was never archived; ConflictError for one that was brought back; AppError
 * `ARCHIVE_DAMAGED` where the file is not what was stored
 */
export async function restoreMonth(
  client: Client,
  store: ObjectStore,
  month: string,
  owns: Owns,
): Promise<ArchivedMonth | null> {
  const run = queryOf(client);
  const archived = await findArchived(run, month);
  if (!archived) throw new NotFoundError('Archived month');
  if (archived.restoredAt) throw new ConflictError(`The sales of ${month.slice(0, 7)} have been brought back already`);
  const file = { key: archived.objectKey, sha256: archived.sha256 };
  const partition = partitionOf(month);
  await client.query('BEGIN');
  try {
    await withArchiveFile(store, file, async (path) => {
      await client.query(`CREATE TABLE ${partition} (LIKE sales INCLUDING DEFAULTS INCLUDING CONSTRAINTS)`);
      await pipeline(
        Readable.from(linesOf(path)),
        client.query(copyFrom(`COPY ${partition} (${SALES_COLUMNS}) FROM STDIN`)),
      );
    });
    await assertWhole(client, partition, archived);
    await client.query(`ALTER TABLE ${partition} ADD PRIMARY KEY (product, location, date)`);
    await lockSales(client);
    if (!(await owns(run))) {
      await client.query('ROLLBACK');
      return null;
    }
    await client.query(
      `ALTER TABLE sales ATTACH PARTITION ${partition} FOR VALUES FROM ('${month}') TO ('${nextMonth(month)}')`,
    );
    await client.query(
      `UPDATE sales_series AS s SET sales_rows = s.sales_rows + back.rows
       FROM (SELECT product, location, count(*)::int AS rows FROM ${partition} GROUP BY product, location) AS back
       WHERE s.product = back.product AND s.location = back.location`,
    );
    await client.query(
      `UPDATE archived_months SET restored_at = now(), keep_until = now() + $2 * interval '1 day' WHERE month = $1`,
      [month, RESTORED_DAYS],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  // The month stands; statistics that are not taken now are taken by the database's own housekeeping.
  await client.query(`ANALYZE ${partition}`).catch(() => undefined);
  return findArchived(run, month);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  for await (const lines of queryParquetTexts(path, SALES_TEXT)) yield `${lines.join('\n')}\n`;
}

async function assertWhole(client: Client, partition: string, { rows, quantity }: ArchivedMonth): Promise<void> {
  const { rows: found } = await client.query<{ rows: number; quantity: number }>(
    `SELECT count(*) AS rows, coalesce(sum(quantity_sold), 0) AS quantity FROM ${partition}`,
  );
  if (found[0].rows !== rows || !sameSum(found[0].quantity, quantity))
    throw new Error(`The archived file holds ${found[0].rows} rows instead of ${rows}, or other units`);
}
