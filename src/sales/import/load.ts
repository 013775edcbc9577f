import type { Client } from 'pg';

/** Key of the advisory lock under which all writers of sales stand in line; so loads of the same rows cannot deadlock. */
export const SALES_WRITE_LOCK = 7_436_002;

/** Columns that must be alike for a row to be the same row. */
const VALUES = ['quantity', 'price', 'revenue', 'on_hand', 'promotion'] as const;
const same = (a: string, b: string) => VALUES.map((c) => `${a}.${c} IS NOT DISTINCT FROM ${b}.${c}`).join(' AND ');

/** The client's catalogue ids of the file's dictionary numbers, in order. */
export interface ResolvedKeys {
  readonly products: readonly number[];
  readonly locations: readonly number[];
}

/** A later row of the same product, place and day. */
export interface DuplicateRow {
  readonly line: number;
  readonly first_line: number;
  readonly identical: boolean;
  readonly product: number;
  readonly location: number;
  readonly date: string;
  readonly quantity: number;
  readonly price: number | null;
  readonly revenue: number | null;
}

/** Waits for the turn to write sales; until the transaction ends nobody else writes any. */
export async function lockSales(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [SALES_WRITE_LOCK]);
}

/**
 * Makes `fresh` out of what a `Staging` took: catalogue ids instead of dictionary numbers, the first row of each
 * key, in the order in which the partitions' indexes grow at their right edge.
 * @returns rows in `fresh`
 */
export async function resolveRows(client: Client, keys: ResolvedKeys): Promise<number> {
  for (const [table, ids] of [
    ['product_keys', keys.products],
    ['location_keys', keys.locations],
  ] as const) {
    await client.query(`CREATE TEMP TABLE ${table} (number integer, id integer) ON COMMIT DROP`);
    await client.query(
      `INSERT INTO ${table} SELECT position - 1, id FROM unnest($1::int[]) WITH ORDINALITY AS key (id, position)`,
      [ids],
    );
    await client.query(`ANALYZE ${table}`);
  }
  await client.query('ANALYZE staged');
  const { rowCount } = await client.query(`
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
    SELECT DISTINCT ON (month, p.id, l.id, date)
      line, month, p.id AS product, l.id AS location, date, quantity, price, revenue, on_hand, promotion
    FROM staged JOIN product_keys p ON p.number = staged.product JOIN location_keys l ON l.number = staged.location
    ORDER BY month, p.id, l.id, date, line`);
  return rowCount ?? 0;
}

/** Counts the rows that repeat a key, and those among them that contradict the first. */
export async function countDuplicates(client: Client): Promise<{ duplicates: number; conflicting: number }> {
  await client.query(`
    CREATE TEMP TABLE repeated ON COMMIT DROP AS
    SELECT s.line, f.line AS first_line, ${same('s', 'f')} AS identical, s.product, s.location, s.date, s.quantity, s.price, s.revenue
    FROM staged s JOIN product_keys p ON p.number = s.product JOIN location_keys l ON l.number = s.location
      JOIN fresh f ON f.product = p.id AND f.location = l.id AND f.date = s.date
    WHERE f.line <> s.line`);
  const { rows } = await client.query<{ duplicates: number; conflicting: number }>(
    `SELECT count(*) AS duplicates, count(*) FILTER (WHERE NOT identical) AS conflicting FROM repeated`,
  );
  return rows[0];
}

/** The first duplicates by line. */
export async function listDuplicates(client: Client, limit: number): Promise<DuplicateRow[]> {
  return (await client.query<DuplicateRow>(`SELECT * FROM repeated ORDER BY line LIMIT $1`, [limit])).rows;
}

/** What a load did to the stored rows. */
export interface LoadCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Creates the partitions that `fresh` needs. */
async function ensurePartitions(client: Client): Promise<void> {
  await client.query(
    `SELECT ensure_sales_partition(make_date(month / 12, month % 12 + 1, 1)) FROM (SELECT DISTINCT month FROM fresh ORDER BY month) needed`,
  );
}

/**
 * Writes `fresh` into the sales and their rollups. An absent optional value never erases a stored one; a row that says
 * nothing new is left alone.
 * @param first first day in `fresh`
 * @param last last day in `fresh`
 */
export async function writeSales(client: Client, rows: number, first: string, last: string): Promise<LoadCounts> {
  await ensurePartitions(client);
  const { rows: stored } = await client.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM sales WHERE date BETWEEN $1 AND $2) AS any`,
    [first, last],
  );
  if (!stored[0].any) {
    await client.query(`
      INSERT INTO sales (product, location, date, quantity_sold, revenue, price, on_hand, promotion)
      SELECT product, location, date, quantity, revenue, price, on_hand, promotion FROM fresh
      ORDER BY month, product, location, date`);
    await addToRollups(client, {
      source: 'fresh',
      rows: 'count(*)',
      zero: 'count(*) FILTER (WHERE quantity = 0)',
      quantity: 'sum(quantity)',
      revenue: 'coalesce(sum(revenue), 0)',
    });
    await advanceClock(client, first, last);
    return { inserted: rows, updated: 0, unchanged: 0 };
  }
  const counts = await mergeSales(client, first, last);
  if (counts.inserted + counts.updated > 0) {
    await addToRollups(client, {
      source: 'changes',
      rows: 'count(*) FILTER (WHERE is_new)',
      zero: 'sum(zero_change)',
      quantity: 'sum(quantity_change)',
      revenue: 'sum(revenue_change)',
    });
    await advanceClock(client, first, last);
  }
  return { ...counts, unchanged: rows - counts.inserted - counts.updated };
}

/** Writes the rows of `fresh` that are new or say something else than what is stored, and keeps them in `changes`. */
async function mergeSales(client: Client, first: string, last: string): Promise<Omit<LoadCounts, 'unchanged'>> {
  await client.query('ANALYZE fresh');
  await client.query(`
    CREATE TEMP TABLE changes (
      LIKE fresh, is_new boolean, zero_change integer, quantity_change double precision, revenue_change double precision
    ) ON COMMIT DROP`);
  await client.query(
    `INSERT INTO changes
     SELECT f.*, s.product IS NULL, (f.quantity = 0)::int - coalesce((s.quantity_sold = 0)::int, 0),
       f.quantity - coalesce(s.quantity_sold, 0), coalesce(f.revenue, s.revenue, 0) - coalesce(s.revenue, 0)
     FROM fresh f LEFT JOIN sales s
       ON s.product = f.product AND s.location = f.location AND s.date = f.date AND s.date BETWEEN $1 AND $2
     WHERE s.product IS NULL OR f.quantity <> s.quantity_sold OR f.revenue <> coalesce(s.revenue, -1)
       OR f.price <> coalesce(s.price, -1) OR f.on_hand <> coalesce(s.on_hand, -1)
       OR f.promotion <> coalesce(s.promotion, -1)`,
    [first, last],
  );
  await client.query(`
    INSERT INTO sales AS s (product, location, date, quantity_sold, revenue, price, on_hand, promotion)
    SELECT product, location, date, quantity, revenue, price, on_hand, promotion FROM changes
    ORDER BY month, product, location, date
    ON CONFLICT (product, location, date) DO UPDATE SET
      quantity_sold = excluded.quantity_sold,
      revenue = coalesce(excluded.revenue, s.revenue),
      price = coalesce(excluded.price, s.price),
      on_hand = coalesce(excluded.on_hand, s.on_hand),
      promotion = coalesce(excluded.promotion, s.promotion)`);
  const { rows } = await client.query<{ inserted: number; updated: number }>(
    `SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated FROM changes`,
  );
  return rows[0];
}

/** Where rollup changes come from, and the aggregates that express them. */
interface RollupChange {
  readonly source: 'fresh' | 'changes';
  readonly rows: string;
  readonly zero: string;
  readonly quantity: string;
  readonly revenue: string;
}

async function addToRollups(client: Client, change: RollupChange): Promise<void> {
  await client.query(`
    INSERT INTO sales_daily AS d (location, date, sales_rows, zero_rows, quantity, revenue)
    SELECT location, date, ${change.rows}, ${change.zero}, ${change.quantity}, ${change.revenue}
    FROM ${change.source} GROUP BY location, date
    ON CONFLICT (location, date) DO UPDATE SET
      sales_rows = d.sales_rows + excluded.sales_rows, zero_rows = d.zero_rows + excluded.zero_rows,
      quantity = d.quantity + excluded.quantity, revenue = d.revenue + excluded.revenue`);
  await client.query(`
    INSERT INTO sales_series AS s (product, location, sales_rows, first_date, last_date)
    SELECT product, location, ${change.rows}, min(date), max(date) FROM ${change.source} GROUP BY product, location
    ON CONFLICT (product, location) DO UPDATE SET
      sales_rows = s.sales_rows + excluded.sales_rows,
      first_date = least(s.first_date, excluded.first_date), last_date = greatest(s.last_date, excluded.last_date)`);
  await client.query(`
    UPDATE sales_series s SET on_hand = newest.on_hand, on_hand_date = newest.date
    FROM (SELECT DISTINCT ON (product, location) product, location, date, on_hand FROM ${change.source}
          WHERE on_hand IS NOT NULL ORDER BY product, location, date DESC) newest
    WHERE s.product = newest.product AND s.location = newest.location
      AND (s.on_hand_date IS NULL OR s.on_hand_date <= newest.date)`);
}

async function advanceClock(client: Client, first: string, last: string): Promise<void> {
  await client.query(
    `UPDATE data_clock SET first_date = least(first_date, $1), business_date = greatest(business_date, $2),
       load_sequence = load_sequence + 1, updated_at = now()`,
    [first, last],
  );
}

/** Tells the planner about the months that were loaded. */
export async function analyseMonths(client: Client, first: string, last: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sales'::regclass
       AND inhrelid::regclass::text BETWEEN 'sales_' || to_char($1::date, 'YYYY_MM') AND 'sales_' || to_char($2::date, 'YYYY_MM')`,
    [first, last],
  );
  // The names come from the catalogue of the database itself.
  for (const { name } of rows) await client.query(`ANALYZE ${name}`);
  await client.query('ANALYZE sales_daily, sales_series');
}
