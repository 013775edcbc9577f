import type { Client } from 'pg';
import type { DateRange } from './rows.ts';

/** Where changes of the rollups come from, and the aggregates that express them. */
export interface RollupChange {
  /** Relation of (product, location, date, on_hand …). */
  readonly source: string;
  readonly rows: string;
  readonly zero: string;
  readonly quantity: string;
  readonly revenue: string;
  /** Whether any row may state a stock. */
  readonly stock: boolean;
}

/**
 * Adds what a load changed to totals per place and day, and to what is known about each series; to be called before
 * {@link advanceClock}, whose next number the days changed take.
 */
export async function addToRollups(client: Client, change: RollupChange): Promise<void> {
  await client.query(`
    INSERT INTO sales_daily AS d (location, date, sales_rows, zero_rows, quantity, revenue, load_sequence)
    SELECT location, date, ${change.rows}, ${change.zero}, ${change.quantity}, ${change.revenue},
      (SELECT load_sequence + 1 FROM data_clock)
    FROM ${change.source} GROUP BY location, date
    ON CONFLICT (location, date) DO UPDATE SET
      sales_rows = d.sales_rows + excluded.sales_rows, zero_rows = d.zero_rows + excluded.zero_rows,
      quantity = d.quantity + excluded.quantity, revenue = d.revenue + excluded.revenue,
      load_sequence = excluded.load_sequence`);
  await client.query(`
    INSERT INTO sales_series AS s (product, location, sales_rows, first_date, last_date)
    SELECT product, location, ${change.rows}, min(date), max(date) FROM ${change.source} GROUP BY product, location
    ON CONFLICT (product, location) DO UPDATE SET
      sales_rows = s.sales_rows + excluded.sales_rows,
      first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date)`);
  if (!change.stock) return;
  await client.query(`
    UPDATE sales_series s SET on_hand = newest.on_hand, on_hand_date = newest.date
    FROM (SELECT DISTINCT ON (product, location) product, location, date, on_hand FROM ${change.source}
          WHERE on_hand IS NOT NULL ORDER BY product, location, date DESC) newest
    WHERE s.product = newest.product AND s.location = newest.location
      AND (s.on_hand_date IS NULL OR s.on_hand_date <= newest.date)`);
}

/** Moves the data's own clock. */
export async function advanceClock(client: Client, range: DateRange): Promise<void> {
  await client.query(
    `UPDATE data_clock SET first_date = least(first_date, $1), business_date = greatest(business_date, $2),
       load_sequence = load_sequence + 1, updated_at = now()`,
    [range.first, range.last],
  );
}
