import type { DataSource, EntityManager } from 'typeorm';
import type { ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';
import { ParquetColumn, ParquetValue, storeParquet } from '../../platform/parquet/index.ts';
import { nextMonth } from './months.ts';

/** Rows read at a time. */
const PAGE_ROWS = 20_000;

/** Columns of a curated file; one row for each product, place and day, in the order of the keys. */
const COLUMNS: readonly ParquetColumn[] = [
  { name: 'product', type: 'int32' },
  { name: 'sku', type: 'text' },
  { name: 'location', type: 'int32' },
  { name: 'location_code', type: 'text' },
  { name: 'date', type: 'date' },
  { name: 'quantity_sold', type: 'double' },
  { name: 'revenue', type: 'double' },
  { name: 'price', type: 'double' },
  { name: 'on_hand', type: 'double' },
  { name: 'promotion', type: 'float' },
];

interface SalesRow {
  readonly product: number;
  readonly sku: string | null;
  readonly location: number;
  readonly code: string | null;
  readonly date: string;
  readonly day: number;
  readonly quantity_sold: number;
  readonly revenue: number | null;
  readonly price: number | null;
  readonly on_hand: number | null;
  readonly promotion: number | null;
}

/** A month of sales as it stands in the object store. */
export interface CuratedMonth {
  /** First day. */
  readonly month: string;
  readonly rows: number;
  /** Pairs of place and day whose stored totals do not agree with the sales. */
  readonly disagreements: number;
  readonly object: StoredObject;
}

/** Key of a curated file: by its content, so that an attempt that comes late overwrites nothing. */
function curatedKey(month: string, sha256: string): string {
  return `curated/sales/month=${month.slice(0, 7)}/${sha256.slice(0, 16)}.parquet`;
}

/**
 * Writes the sales of a month as a Parquet file into the object store, as they stand at one moment. The same sales give the
 * same bytes.
 */
export async function curateMonth(dataSource: DataSource, store: ObjectStore, month: string): Promise<CuratedMonth> {
  return dataSource.transaction('REPEATABLE READ', async (manager) => ({
    month,
    ...(await storeParquet(store, (sha256) => curatedKey(month, sha256), COLUMNS, rowsOf(manager, month))),
    disagreements: await countDisagreements(manager, month),
  }));
}

async function* rowsOf(manager: EntityManager, month: string): AsyncGenerator<readonly ParquetValue[]> {
  let after: readonly [number, number, string] = [-1, -1, month];
  for (;;) {
    const page = await manager.query<SalesRow[]>(
      `SELECT s.product, p.sku, s.location, l.code, s.date, s.date - '1970-01-01'::date AS day, s.quantity_sold, s.revenue,
         s.price, s.on_hand, s.promotion
       FROM sales AS s LEFT JOIN products AS p ON p.id = s.product LEFT JOIN locations AS l ON l.id = s.location
       WHERE s.date >= $1 AND s.date < $2 AND (s.product, s.location, s.date) > ($3::int, $4::int, $5::date)
       ORDER BY s.product, s.location, s.date LIMIT $6`,
      [month, nextMonth(month), ...after, PAGE_ROWS],
    );
    for (const row of page) {
      const { product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion } = row;
      yield [product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion];
    }
    if (page.length < PAGE_ROWS) return;
    const last = page[page.length - 1];
    after = [last.product, last.location, last.date];
  }
}

/** The totals per place and day are kept up by each load; here they are counted again. */
async function countDisagreements(manager: EntityManager, month: string): Promise<number> {
  const [{ count }] = await manager.query<{ count: number }[]>(
    `SELECT count(*) FROM (
       SELECT location, date, count(*) AS sales_rows, count(*) FILTER (WHERE quantity_sold = 0) AS zero_rows,
         sum(quantity_sold) AS quantity
       FROM sales WHERE date >= $1 AND date < $2 GROUP BY location, date) AS facts
     FULL JOIN (SELECT * FROM sales_daily WHERE date >= $1 AND date < $2) AS stored USING (location, date)
     WHERE facts.sales_rows IS DISTINCT FROM stored.sales_rows OR facts.zero_rows IS DISTINCT FROM stored.zero_rows
       OR abs(facts.quantity - stored.quantity) > 1e-6 * greatest(1, abs(facts.quantity))`,
    [month, nextMonth(month)],
  );
  return count;
}

/** Key of the file that stands for a month now, if there is one. */
export async function currentKey(manager: EntityManager, month: string): Promise<string | null> {
  const [row] = await manager.query<{ object_key: string }[]>(
    `SELECT object_key FROM curated_months WHERE month = $1`,
    [month],
  );
  return row?.object_key ?? null;
}

/** Makes a curated file the one that stands for its month. */
export async function recordMonth(manager: EntityManager, curated: CuratedMonth, runId: string): Promise<void> {
  const { month, rows, object } = curated;
  await manager.query(
    `INSERT INTO curated_months AS c (month, sales_rows, object_key, bytes, sha256, run_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (month) DO UPDATE SET sales_rows = $2, object_key = $3, bytes = $4, sha256 = $5, checked_at = now(),
       run_id = CASE WHEN c.sha256 = $5 THEN c.run_id ELSE $6 END,
       changed_at = CASE WHEN c.sha256 = $5 THEN c.changed_at ELSE now() END`,
    [month, rows, object.key, object.bytes, object.sha256, runId],
  );
}
