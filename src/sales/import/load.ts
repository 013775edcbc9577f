import type { Client } from 'pg';
import { addToRollups, advanceClock } from './rollups.ts';
import { DateRange, monthAfter, RESOLVED_ROWS, SORT_KEY } from './rows.ts';
import { settleStreamed } from '../stream/settle.ts';

/** Key of the advisory lock under which all writers of sales stand in line; so loads of the same rows cannot deadlock. */
export const SALES_WRITE_LOCK = 7_436_002;

/** What a load did to the stored rows. */
export interface LoadCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** A load under way: `rows` is the number of distinct keys, `publish` makes them sales. */
export interface PreparedLoad {
  readonly rows: number;
  publish(): Promise<LoadCounts>;
}

/** What a load works on. */
export interface LoadInput {
  readonly range: DateRange;
  /** First days of the months that have rows. */
  readonly months: readonly string[];
  /** Parameters of {@link SORT_KEY}. */
  readonly sortKey: readonly [string, number];
  /** Whether any row may state a stock. */
  readonly stock: boolean;
}

/** Waits for the turn to write sales; until the transaction ends nobody else writes any. */
export async function lockSales(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [SALES_WRITE_LOCK]);
}

/** Name of a month's partition, as the function `ensure_sales_partition` gives it. */
export function partitionOf(month: string): string {
  return `sales_${month.slice(0, 4)}_${month.slice(5, 7)}`;
}

/**
 * De-duplicates what was staged. Months without any sales yet are filled before they get their index and become part of
 * the sales, which is several times faster than row by row; other loads are merged.
 */
export async function prepareLoad(client: Client, input: LoadInput): Promise<PreparedLoad> {
  await assertNotArchived(client, input.months);
  const { rows } = await client.query<{ any: boolean }>(
    `SELECT coalesce(bool_or(to_regclass(name) IS NOT NULL), false) AS any FROM unnest($1::text[]) AS name`,
    [input.months.map(partitionOf)],
  );
  return rows[0].any ? prepareMerge(client, input) : prepareNewMonths(client, input);
}

/** A month may have been archived after its rows were read; then the file is read once more, and refuses them. */
async function assertNotArchived(client: Client, months: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ month: string }>(
    `SELECT month FROM archived_months WHERE restored_at IS NULL AND month = ANY ($1::date[]) LIMIT 1`,
    [months],
  );
  if (rows.length) throw new Error(`The sales of ${rows[0].month.slice(0, 7)} were archived while the file was read`);
}

/** Fills partitions that are not part of the sales yet. */
async function prepareNewMonths(client: Client, input: LoadInput): Promise<PreparedLoad> {
  await client.query(
    `CREATE TABLE sales_incoming (LIKE sales INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (date)`,
  );
  for (const month of input.months) {
    // Names and dates are made of numbers only. The check saves a look at every row when the month becomes part of the sales.
    await client.query(
      `CREATE TABLE ${partitionOf(month)} PARTITION OF sales_incoming
         (CONSTRAINT within_month CHECK (date >= '${month}' AND date < '${monthAfter(month)}'))
         FOR VALUES FROM ('${month}') TO ('${monthAfter(month)}')`,
    );
  }
  const { rowCount } = await client.query(
    `INSERT INTO sales_incoming (product, location, date, quantity_sold, revenue, price, on_hand, promotion)
     SELECT product, location, date, quantity, revenue, price, on_hand, promotion
     FROM (SELECT DISTINCT ON (key) ${SORT_KEY} AS key, p.id AS product, l.id AS location, date, quantity, revenue, price,
             on_hand, promotion
           FROM ${RESOLVED_ROWS} ORDER BY key, line) fresh`,
    [...input.sortKey],
  );
  const publish = async (): Promise<LoadCounts> => {
    await addToRollups(client, {
      source: 'sales_incoming',
      rows: 'count(*)',
      zero: 'count(*) FILTER (WHERE quantity_sold = 0)',
      quantity: 'sum(quantity_sold)',
      revenue: 'coalesce(sum(revenue), 0)',
      stock: input.stock,
    });
    for (const month of input.months) {
      const name = partitionOf(month);
      await client.query(`ALTER TABLE sales_incoming DETACH PARTITION ${name}`);
      await client.query(`ALTER TABLE ${name} ADD PRIMARY KEY (product, location, date)`);
      await client.query(
        `ALTER TABLE sales ATTACH PARTITION ${name} FOR VALUES FROM ('${month}') TO ('${monthAfter(month)}')`,
      );
      await client.query(`ALTER TABLE ${name} DROP CONSTRAINT within_month`);
    }
    await client.query(`DROP TABLE sales_incoming`);
    await advanceClock(client, input.range);
    return { inserted: rowCount ?? 0, updated: 0, unchanged: 0 };
  };
  return { rows: rowCount ?? 0, publish };
}

/** Prepares rows whose months hold sales already. */
async function prepareMerge(client: Client, input: LoadInput): Promise<PreparedLoad> {
  await client.query(`
    CREATE TEMP TABLE fresh (
       key bigint, month date, product integer, location integer, date date, quantity double precision,
       price double precision, revenue double precision, on_hand double precision, promotion real
     ) ON COMMIT DROP`);
  const { rowCount } = await client.query(
    `INSERT INTO fresh
       SELECT DISTINCT ON (key) ${SORT_KEY} AS key, month, p.id, l.id, date, quantity, price, revenue, on_hand, promotion
       FROM ${RESOLVED_ROWS} ORDER BY key, line`,
    [...input.sortKey],
  );
  const rows = rowCount ?? 0;
  const publish = async (): Promise<LoadCounts> => {
    await settleStreamed(client);
    const counts = await mergeSales(client, input, rows);
    if (counts.inserted + counts.updated > 0) await advanceClock(client, input.range);
    return counts;
  };
  return { rows, publish };
}

/**
 * Writes the rows of `fresh` that are new or say something else than what is stored, and keeps them in `changes`. An
 * absent optional value never erases a stored one; a row that says nothing new is left alone. The data's clock is the
 * caller's to move.
 */
export async function mergeSales(
  client: Client,
  { range, stock }: Pick<LoadInput, 'range' | 'stock'>,
  rows: number,
): Promise<LoadCounts> {
  await client.query(
    `SELECT ensure_sales_partition(month) FROM (SELECT DISTINCT month FROM fresh ORDER BY month) needed`,
  );
  await client.query('ANALYZE fresh');
  await client.query(`
    CREATE TEMP TABLE IF NOT EXISTS changes (
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
    [range.first, range.last],
  );
  await client.query(`
    INSERT INTO sales AS s (product, location, date, quantity_sold, revenue, price, on_hand, promotion)
    SELECT product, location, date, quantity, revenue, price, on_hand, promotion FROM changes ORDER BY key
    ON CONFLICT (product, location, date) DO UPDATE SET
      quantity_sold = excluded.quantity_sold,
      revenue = coalesce(excluded.revenue, s.revenue),
      price = coalesce(excluded.price, s.price),
      on_hand = coalesce(excluded.on_hand, s.on_hand),
      promotion = coalesce(excluded.promotion, s.promotion)`);
  const counted = await client.query<{ inserted: number; updated: number }>(
    `SELECT count(*) FILTER (WHERE is_new) AS inserted, count(*) FILTER (WHERE NOT is_new) AS updated FROM changes`,
  );
  const { inserted, updated } = counted.rows[0];
  if (inserted + updated > 0) {
    await addToRollups(client, {
      source: 'changes',
      rows: 'count(*) FILTER (WHERE is_new)',
      zero: 'sum(zero_change)',
      quantity: 'sum(quantity_change)',
      revenue: 'sum(revenue_change)',
      stock,
    });
  }
  return { inserted, updated, unchanged: rows - inserted - updated };
}

/** Tells the planner about the months that were loaded. */
export async function analyseMonths(client: Client, months: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL`,
    [months.map(partitionOf)],
  );
  // A quarter of the usual sample: months are alike, and the default reads every row of a small one.
  await client.query('SET default_statistics_target = 25');
  for (const { name } of rows) await client.query(`ANALYZE ${name}`);
  await client.query('ANALYZE sales_daily, sales_series');
}
