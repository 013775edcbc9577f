import pg from 'pg';
import { urlOf } from './postgres-tools.ts';

/** Products and places of the drill: a day of theirs is one month's partition row each. */
const PRODUCTS = 1_000;
const PLACES = 50;
/** Bytes that a day's row takes with its index entry, about. */
const BYTES_PER_ROW = 138;
const FIRST_DAY = '2020-01-01';

/** What a database holds: enough to tell two apart. */
export interface Content {
  readonly rows: number;
  readonly hash: string;
}

/**
 * Fills the migrated database with sales until it is about as large as asked.
 * @param bytes size of the sales with their index
 */
export async function fill(port: number, bytes: number): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO products (sku, name, category) SELECT 'DRILL-' || i, 'Drill ' || i, 'Drill' FROM generate_series(1, $1) i`,
      [PRODUCTS],
    );
    await client.query(
      `INSERT INTO locations (code, name) SELECT 'DRILL-' || i, 'Drill ' || i FROM generate_series(1, $1) i`,
      [PLACES],
    );
    const days = Math.ceil(bytes / BYTES_PER_ROW / (PRODUCTS * PLACES));
    for (let from = 0; from < days; from += 10) {
      const [first, last] = [from, Math.min(days, from + 10) - 1];
      await client.query(
        `SELECT ensure_sales_partition(month::date) FROM generate_series(date_trunc('month', $1::date + $2::int),
           $1::date + $3::int, interval '1 month') month`,
        [FIRST_DAY, first, last],
      );
      await client.query(
        `INSERT INTO sales (product, location, date, quantity_sold, revenue, price)
         SELECT p.id, l.id, $1::date + day, (p.id * 7 + l.id * 3 + day) % 40, (p.id + day) % 900 / 10.0, (p.id % 90) + 9.5
         FROM products p, locations l, generate_series($2::int, $3::int) day`,
        [FIRST_DAY, first, last],
      );
    }
    await client.query(
      'CREATE TABLE drill_marks (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp())',
    );
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** Number of sales and a hash over all of them that does not depend on their order. */
export async function contentOf(port: number): Promise<Content> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  await client.connect();
  try {
    const { rows } = await client.query<{ rows: string; hash: string }>(
      `SELECT count(*) AS rows,
         coalesce(sum(hashtextextended(product || ' ' || location || ' ' || date || ' ' || quantity_sold, 0)::numeric), 0)::text
           AS hash FROM sales`,
    );
    return { rows: Number(rows[0].rows), hash: rows[0].hash };
  } finally {
    await client.end();
  }
}
