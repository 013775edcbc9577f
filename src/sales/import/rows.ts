import type { Client } from 'pg';
import { formatDay } from '../csv/values.ts';

/** Catalogue ids of the file's dictionary numbers, in order. */
export interface ResolvedKeys {
  readonly products: readonly number[];
  readonly locations: readonly number[];
}

/** The days a file spans, as ISO dates, both included. */
export interface DateRange {
  readonly first: string;
  readonly last: string;
}

/** Columns in which two rows of the same key may differ. */
const VALUES = ['quantity', 'price', 'revenue', 'on_hand', 'promotion'] as const;

/** Staged rows with their catalogue ids. */
export const RESOLVED_ROWS = `
  staged s JOIN product_keys p ON p.number = s.product JOIN location_keys l ON l.number = s.location`;

/**
 * One number per product, place and day that sorts by month first, so that every partition is written in the order of its
 * key: 8 bytes compare several times faster than four columns.
 */
export const SORT_KEY = `((s.month - $1::date)::bigint * $2::bigint + p.part + l.part + (s.date - s.month))`;

/** Days a month may have, as a power of two. */
const DAY_SLOTS = 32;

/** Makes the tables that translate dictionary numbers; answers the parameters of {@link SORT_KEY}. */
export async function storeKeys(client: Client, keys: ResolvedKeys, range: DateRange): Promise<[string, number]> {
  const ranks = await storeKeyTable(client, 'location_keys', keys.locations, DAY_SLOTS);
  const perMonth = await storeKeyTable(client, 'product_keys', keys.products, DAY_SLOTS * ranks);
  return [`${range.first.slice(0, 7)}-01`, DAY_SLOTS * ranks * perMonth];
}

/** @returns number of distinct ids */
async function storeKeyTable(
  client: Client,
  table: 'product_keys' | 'location_keys',
  ids: readonly number[],
  step: number,
): Promise<number> {
  await client.query(`CREATE TEMP TABLE ${table} (number integer, id integer, part bigint) ON COMMIT DROP`);
  const { rows } = await client.query<{ ranks: number }>(
    `WITH stored AS (
       INSERT INTO ${table}
       SELECT position - 1, id, (dense_rank() OVER (ORDER BY id) - 1) * $2::bigint
       FROM unnest($1::int[]) WITH ORDINALITY AS key (id, position) RETURNING id)
     SELECT count(DISTINCT id) AS ranks FROM stored`,
    [ids, step],
  );
  await client.query(`ANALYZE ${table}`);
  return rows[0].ranks;
}

/** A later row of the same product, place and day. */
export interface DuplicateRow {
  readonly line: number;
  readonly first_line: number;
  readonly product: number;
  readonly location: number;
  readonly date: string;
  readonly quantity: number;
  readonly price: number | null;
  readonly revenue: number | null;
}

/** Counts the rows that repeat a key, and those among them that contradict the first. */
export async function countDuplicates(client: Client): Promise<{ duplicates: number; conflicting: number }> {
  await client.query(`
    CREATE TEMP TABLE repeated ON COMMIT DROP AS
    SELECT s.*,
      ${VALUES.map((column) => `s.${column} IS NOT DISTINCT FROM first.${column}`).join(' AND ')} AS identical
    FROM (SELECT s.*, min(line) OVER (PARTITION BY p.id, l.id, s.date) AS first_line FROM ${RESOLVED_ROWS}) s
      JOIN staged first ON first.line = s.first_line
    WHERE s.line <> s.first_line`);
  const { rows } = await client.query<{ duplicates: number; conflicting: number }>(
    `SELECT count(*) AS duplicates, count(*) FILTER (WHERE NOT identical) AS conflicting FROM repeated`,
  );
  return rows[0];
}

/** Rows that repeat a key, by day. */
export async function repeatsByDay(
  client: Client,
): Promise<{ readonly day: number; readonly identical: number; readonly conflicting: number }[]> {
  const { rows } = await client.query<{ day: number; identical: number; conflicting: number }>(
    `SELECT date - date '1970-01-01' AS day, (count(*) FILTER (WHERE identical))::int AS identical,
       (count(*) FILTER (WHERE NOT identical))::int AS conflicting
     FROM repeated GROUP BY date ORDER BY date`,
  );
  return rows;
}

/** The first duplicates by line. */
export async function listDuplicates(client: Client, limit: number): Promise<DuplicateRow[]> {
  return (await client.query<DuplicateRow>(`SELECT * FROM repeated ORDER BY line LIMIT $1`, [limit])).rows;
}

/** The first day of the month after one that starts on `month`. */
export function monthAfter(month: string): string {
  return `${formatDay(Date.parse(`${month}T00:00:00Z`) / 86_400_000 + 31).slice(0, 7)}-01`;
}
