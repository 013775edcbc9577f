import type { DataSource, EntityManager } from 'typeorm';
import type { ObjectStore } from '../../platform/objectstore/index.ts';

/**
 * Months to look at besides those that may have changed: those with files although nothing is sold in them any more, and
 * those whose sales stand in one file. That is how it was before each day had a file of its own; such a file stands until
 * the days of its month have been written, and then goes, since both together would count sales twice.
 * @param first first day of sales, and `last` the latest; null = there are none
 */
export async function monthsOwed(manager: EntityManager, first: string | null, last: string | null): Promise<string[]> {
  const rows = await manager.query<{ month: string }[]>(
    `SELECT month FROM curated_months
     UNION SELECT date_trunc('month', date)::date FROM curated_days
       WHERE date < $1::date OR date > $2::date OR $1::date IS NULL ORDER BY 1`,
    [first, last],
  );
  return rows.map(({ month }) => month);
}

/** Deletes the file of a month whose days have been written, if there is one; may be repeated. */
export async function dropMonthFile({ manager }: DataSource, store: ObjectStore, month: string): Promise<void> {
  const [file] = await manager.query<{ object_key: string }[]>(
    `SELECT object_key FROM curated_months WHERE month = $1`,
    [month],
  );
  if (!file) return;
  await store.delete(file.object_key);
  await manager.query(`DELETE FROM curated_months WHERE month = $1 AND object_key = $2`, [month, file.object_key]);
}
