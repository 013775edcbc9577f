import type { Client } from 'pg';
import { CatalogueService } from '../../products/index.ts';
import { resolveMentions } from '../import/key-catalogue.ts';
import { lockSales, mergeSales } from '../import/load.ts';
import { queryOf } from '../import/ownership.ts';
import { assignShards, PickedBatch } from './shards.ts';

/** Events stored in one transaction, about: a batch is not divided. */
const MOST_EVENTS = 20_000;
const MOST_BATCHES = 2_000;

/** What became of the events of one transaction. */
export interface StoredEvents {
  /** Events looked at, of so many batches; 0 = nothing waits. */
  readonly batches: number;
  readonly events: number;
  /** Added to the sales. */
  readonly stored: number;
  /** Their id was known. */
  readonly duplicate: number;
  /** A file has said what their day was. */
  readonly settled: number;
}

/** Prepares a connection for {@link storeWaiting}: its tables are made once and emptied by each commit. */
export async function prepareStore(client: Client): Promise<void> {
  // What is looked up is small and what it is looked up in is large, which the planner cannot know of tables just filled.
  await client.query(`SET enable_seqscan = off`);
  await client.query(`SET random_page_cost = 1.1`);
  await client.query(`SET jit = off`);
  await client.query(`SET lock_timeout = '10min'`);
  await client.query(`SET client_connection_check_interval = '2s'`);
  await client.query(`
    CREATE TEMP TABLE incoming (
      event_id text COLLATE "C", date date, product text, location text, quantity double precision, price double precision
    ) ON COMMIT DELETE ROWS`);
  await client.query(`
    CREATE TEMP TABLE deltas (
      product integer, location integer, date date, events integer, quantity double precision,
      priced_quantity double precision, revenue double precision
    ) ON COMMIT DELETE ROWS`);
  await client.query(`
    CREATE TEMP TABLE fresh (
      key bigint, month date, product integer, location integer, date date, quantity double precision,
      price double precision, revenue double precision, on_hand double precision, promotion real
    ) ON COMMIT DELETE ROWS`);
  await client.query(`
    CREATE TEMP TABLE changes (
      LIKE fresh, is_new boolean, zero_change integer, quantity_change double precision, revenue_change double precision
    ) ON COMMIT DELETE ROWS`);
}

/**
 * Stores what waits, in one transaction and in line with all other writers of sales: each id once, added to the day of its
 * product and place. What is written of a day is the sum of all its events, so the order in which they come does not matter.
 * @param owns whether the caller may still store; asked last, inside the transaction
 * @returns null if the caller may not
 */
export async function storeWaiting(
  client: Client,
  catalogue: CatalogueService,
  owns: (query: (sql: string, parameters: unknown[]) => Promise<unknown[]>) => Promise<boolean>,
): Promise<StoredEvents | null> {
  // A look without the lock, for which a load may let others wait.
  const { rowCount } = await client.query('SELECT 1 FROM stream_batches WHERE shard IS NULL LIMIT 1');
  if (rowCount === 0) return NOTHING;
  await client.query('BEGIN');
  try {
    await lockSales(client);
    const batches = await pick(client);
    const result = batches.length ? await store(client, catalogue, batches) : NOTHING;
    if (!(await owns(queryOf(client)))) {
      await client.query('ROLLBACK');
      return null;
    }
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const NOTHING: StoredEvents = { batches: 0, events: 0, stored: 0, duplicate: 0, settled: 0 };

/** The batches that have waited for longest. */
async function pick(client: Client): Promise<PickedBatch[]> {
  const { rows } = await client.query<PickedBatch>(
    `SELECT id, events, bytes, (arrived_at AT TIME ZONE 'UTC')::date AS day
     FROM stream_batches WHERE shard IS NULL ORDER BY id LIMIT $1`,
    [MOST_BATCHES],
  );
  let events = 0;
  return rows.filter((batch) => (events += batch.events) - batch.events < MOST_EVENTS);
}

async function store(
  client: Client,
  catalogue: CatalogueService,
  batches: readonly PickedBatch[],
): Promise<StoredEvents> {
  const events = batches.reduce((total, batch) => total + batch.events, 0);
  const fresh = await takeUnknown(client, batches);
  const settled = fresh > 0 ? await addToSales(client, catalogue) : 0;
  await assignShards(client, batches);
  return { batches: batches.length, events, stored: fresh - settled, duplicate: events - fresh, settled };
}

/** Fills `incoming` with the events whose ids are new, and remembers these. @returns how many there are */
async function takeUnknown(client: Client, batches: readonly PickedBatch[]): Promise<number> {
  await client.query(
    `INSERT INTO incoming
     SELECT DISTINCT ON (event_id COLLATE "C") event_id, date '1970-01-01' + day, product, location, quantity, price
     FROM stream_batches AS b,
       unnest(event_ids, days, products, locations, quantities, prices) WITH ORDINALITY
         AS e (event_id, day, product, location, quantity, price, position)
     WHERE b.id = ANY($1::bigint[]) ORDER BY event_id COLLATE "C", b.id, position`,
    [batches.map(({ id }) => id)],
  );
  // A look-up for each event and no join: a join might read all ids of a week.
  await client.query(
    `DELETE FROM incoming AS i WHERE (SELECT true FROM stream_ids AS s WHERE s.event_id = i.event_id LIMIT 1)`,
  );
  await client.query(`SELECT ensure_stream_ids((now() AT TIME ZONE 'UTC')::date)`);
  const { rowCount } = await client.query(
    `INSERT INTO stream_ids SELECT event_id, (now() AT TIME ZONE 'UTC')::date FROM incoming ORDER BY event_id`,
  );
  return rowCount ?? 0;
}

/** Adds `incoming` to the sales. @returns how many events were not added, since a file had settled their day */
async function addToSales(client: Client, catalogue: CatalogueService): Promise<number> {
  await sumUp(client, catalogue);
  await client.query('ANALYZE deltas');
  const { rows } = await client.query<{ first: string; last: string }>(
    'SELECT min(date) AS first, max(date) AS last FROM deltas',
  );
  const [range] = rows;
  const settled = await dropSettled(client, range);
  const { rowCount } = await client.query(`
    WITH totals AS (
      INSERT INTO stream_totals AS t (product, location, date, quantity, priced_quantity, revenue)
      SELECT product, location, date, quantity, priced_quantity, revenue FROM deltas ORDER BY product, location, date
      ON CONFLICT (product, location, date) DO UPDATE SET quantity = t.quantity + excluded.quantity,
        priced_quantity = t.priced_quantity + excluded.priced_quantity, revenue = t.revenue + excluded.revenue
      RETURNING *)
    INSERT INTO fresh (key, month, product, location, date, quantity, price, revenue)
    SELECT row_number() OVER (ORDER BY date_trunc('month', date), product, location, date), date_trunc('month', date),
      product, location, date, ${exact('greatest(quantity, 0)')},
      CASE WHEN priced_quantity > 0 AND revenue >= 0 THEN ${exact('revenue / priced_quantity')} END,
      CASE WHEN priced_quantity <> 0 OR revenue <> 0 THEN ${exact('greatest(revenue, 0)')} END
    FROM totals`);
  const { inserted, updated } = await mergeSales(client, { range, stock: false }, rowCount ?? 0);
  if (inserted + updated > 0)
    await client.query(
      `INSERT INTO stream_days SELECT DISTINCT location, date FROM changes ORDER BY location, date ON CONFLICT DO NOTHING`,
    );
  return settled;
}

/** Amounts to a millionth, as files have them: sums of decimals carry binary dust. */
function exact(expression: string): string {
  return `round((${expression})::numeric, 6)::float8`;
}

/** Fills `deltas` with what `incoming` adds to each product, place and day; makes products and places that are new. */
async function sumUp(client: Client, catalogue: CatalogueService): Promise<void> {
  const products = await client.query<{ sku: string; price: number | null }>(
    `SELECT i.product AS sku, CASE WHEN EXISTS (SELECT 1 FROM products AS p WHERE p.sku = i.product) THEN NULL
       ELSE (array_agg(i.price ORDER BY i.date DESC) FILTER (WHERE i.price IS NOT NULL))[1] END AS price
     FROM incoming AS i GROUP BY i.product`,
  );
  const locations = await client.query<{ code: string }>(`SELECT DISTINCT location AS code FROM incoming`);
  const keys = await resolveMentions(catalogue, client, products.rows, locations.rows);
  await client.query(
    `INSERT INTO deltas
     SELECT p.id, l.id, date, count(*), sum(quantity), coalesce(sum(quantity) FILTER (WHERE price IS NOT NULL), 0),
       coalesce(sum(price * quantity), 0)
     FROM incoming AS i JOIN unnest($1::text[], $2::int[]) AS p (name, id) ON p.name = i.product
       JOIN unnest($3::text[], $4::int[]) AS l (name, id) ON l.name = i.location
     GROUP BY p.id, l.id, date`,
    [products.rows.map(({ sku }) => sku), keys.products, locations.rows.map(({ code }) => code), keys.locations],
  );
}

/** Takes out of `deltas` the days that a file has stated: they are stored, and are no sum of events. @returns their events */
async function dropSettled(client: Client, range: { first: string; last: string }): Promise<number> {
  const { rows } = await client.query<{ events: number }>(
    `WITH dropped AS (
       DELETE FROM deltas AS d USING sales AS s
       WHERE s.product = d.product AND s.location = d.location AND s.date = d.date AND s.date BETWEEN $1 AND $2
         AND NOT EXISTS (
           SELECT 1 FROM stream_totals AS t WHERE t.product = d.product AND t.location = d.location AND t.date = d.date)
       RETURNING d.events)
     SELECT coalesce(sum(events), 0) AS events FROM dropped`,
    [range.first, range.last],
  );
  return rows[0].events;
}
