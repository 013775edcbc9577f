import type { EntityManager } from 'typeorm';
import type { ParquetColumn, ParquetValue } from '../../platform/parquet/index.ts';
import { nextMonth } from './months.ts';

/** Rows read at a time. */
const PAGE_ROWS = 20_000;
/** To sort a month of sales may take longer than other statements are given. */
const SORT_TIMEOUT = '10min';

/** Columns of a curated file; one row for each product and place, in the order of the keys. */
export const CURATED_COLUMNS: readonly ParquetColumn[] = [
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

/** Which of the columns is the day, counted from 1970-01-01. */
export const DAY_COLUMN = CURATED_COLUMNS.findIndex(({ name }) => name === 'date');

interface SalesRow {
  readonly product: number;
  readonly sku: string | null;
  readonly location: number;
  readonly code: string | null;
  readonly day: number;
  readonly quantity_sold: number;
  readonly revenue: number | null;
  readonly price: number | null;
  readonly on_hand: number | null;
  readonly promotion: number | null;
}

/**
 * The sales of a month by day, product and place, as one statement sees them.
 * @param manager that of a transaction, in which the statement stays open until all rows are read
 */
export async function* curatedRows(manager: EntityManager, month: string): AsyncGenerator<readonly ParquetValue[]> {
  await manager.query(`SELECT set_config('statement_timeout', $1, true)`, [SORT_TIMEOUT]);
  await manager.query(
    `DECLARE month_of_sales NO SCROLL CURSOR FOR
     SELECT s.product, p.sku, s.location, l.code, s.date - '1970-01-01'::date AS day, s.quantity_sold, s.revenue,
       s.price, s.on_hand, s.promotion
     FROM sales AS s LEFT JOIN products AS p ON p.id = s.product LEFT JOIN locations AS l ON l.id = s.location
     WHERE s.date >= $1::date AND s.date < $2::date ORDER BY s.date, s.product, s.location`,
    [month, nextMonth(month)],
  );
  for (;;) {
    const page = await manager.query<SalesRow[]>(`FETCH ${PAGE_ROWS} FROM month_of_sales`);
    for (const row of page) {
      const { product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion } = row;
      yield [product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion];
    }
    if (page.length < PAGE_ROWS) break;
  }
  await manager.query('CLOSE month_of_sales');
}

/** Pairs of place and day of a month whose stored totals, which each load keeps up, do not agree with the sales. */
export async function countDisagreements(manager: EntityManager, month: string): Promise<number> {
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
