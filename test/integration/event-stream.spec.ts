import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../src/platform/objectstore/index.ts';
import { CatalogueService } from '../../src/products/index.ts';
import { SalesImportService } from '../../src/sales/index.ts';
import { lockSales } from '../../src/sales/import/load.ts';
import { announceDays } from '../../src/sales/stream/announce.ts';
import { EventReader } from '../../src/sales/stream/event.ts';
import { keepBatch, streamLag } from '../../src/sales/stream/inbox.ts';
import { removeIds, removeTotals } from '../../src/sales/stream/remove-old.ts';
import { closeShards, nextToLand, recordLanded, shardContent, shardKey } from '../../src/sales/stream/shards.ts';
import { prepareStore, StoredEvents, storeWaiting } from '../../src/sales/stream/store-batch.ts';
import { startApi, TestApi } from '../support/test-app.ts';
import { asOwner } from '../support/test-database.ts';

const DAY_MS = 86_400_000;
/** Noon, far from the ends of any day. */
const NOW = Math.floor(Date.now() / DAY_MS) * DAY_MS + DAY_MS / 2;
const dayAgo = (days: number) => new Date(NOW - days * DAY_MS).toISOString().slice(0, 10);

interface SentEvent {
  readonly id: string;
  readonly daysAgo?: number;
  readonly sku?: string;
  readonly location?: string;
  readonly quantity?: number;
  readonly price?: number;
}

let api: TestApi;
let client: pg.Client;
let manager: DataSource['manager'];
beforeAll(async () => {
  api = await startApi({}, asOwner);
  manager = api.app.get(DataSource).manager;
  client = await connect();
});
afterAll(async () => {
  await client.end();
  await api.stop();
});
beforeEach(async () => {
  await sql(
    `TRUNCATE stream_batches, stream_shards, stream_ids, stream_totals, stream_days, sales, sales_daily, sales_series`,
  );
  await sql('UPDATE data_clock SET business_date = NULL, first_date = NULL, load_sequence = 0, updated_at = now()');
});

const sql = async (text: string, values: unknown[] = []) => (await api.database.client.query(text, values)).rows;

async function connect(): Promise<pg.Client> {
  const connection = new pg.Client({ connectionString: api.database.url });
  await connection.connect();
  await prepareStore(connection);
  return connection;
}

/** Keeps a batch as the API does. */
async function send(...events: SentEvent[]): Promise<void> {
  const reader = new EventReader({ now: NOW, timezone: 'UTC' });
  for (const { id, daysAgo = 1, sku = 'A', location = 'X', quantity = 1, price } of events) {
    const occurred_at = new Date(NOW - daysAgo * DAY_MS).toISOString();
    expect(reader.read({ event_id: id, occurred_at, sku, location, quantity, price })).toBeNull();
  }
  await keepBatch(manager, reader.accepted);
}

const store = (connection = client, owns = true): Promise<StoredEvents | null> =>
  storeWaiting(connection, api.app.get(CatalogueService), () => Promise.resolve(owns));

const sales = () =>
  sql(
    `SELECT p.sku, l.code, date, quantity_sold AS sold, revenue, price FROM sales JOIN products AS p ON p.id = product
       JOIN locations AS l ON l.id = location ORDER BY sku, code, date`,
  );

/** The totals that are kept up beside the sales, less what they should be. */
const disagreements = () =>
  sql(
    `SELECT * FROM (SELECT location, date, count(*)::int AS rows, (count(*) FILTER (WHERE quantity_sold = 0))::int AS zero,
         sum(quantity_sold) AS quantity, coalesce(sum(revenue), 0) AS revenue FROM sales GROUP BY location, date) AS facts
     FULL JOIN (SELECT location, date, sales_rows AS rows, zero_rows AS zero, quantity, revenue FROM sales_daily) AS kept
       USING (location, date)
     WHERE (facts.rows, facts.zero) IS DISTINCT FROM (kept.rows, kept.zero)
       OR abs(facts.quantity - kept.quantity) > 1e-6 OR abs(facts.revenue - kept.revenue) > 1e-6`,
  );

async function announce(today: string): Promise<number> {
  await client.query('BEGIN');
  await lockSales(client);
  const count = await announceDays(client, today);
  await client.query('COMMIT');
  return count;
}

const clock = async () =>
  (await sql('SELECT business_date, first_date, load_sequence FROM data_clock'))[0] as Record<string, unknown>;

let files = 0;
async function load(...rows: string[]): Promise<void> {
  const content = `${['date,sku,location,quantity_sold,price', ...rows].join('\n')}\n`;
  const { key } = await api.app.get(ObjectStore).put(`raw/sales/test-${++files}`, Readable.from([content]));
  const [{ id }] = (await sql(
    `INSERT INTO uploads (filename, bytes, sha256, object_key) VALUES ('f.csv', 1, gen_random_uuid()::text, $1) RETURNING id`,
    [key],
  )) as { id: string }[];
  const report = await api.app.get(SalesImportService).importFromStore({
    uploadId: id,
    objectKey: key,
    bytes: content.length,
    acceptBad: false,
    signal: AbortSignal.timeout(60_000),
    progress: () => undefined,
    owns: () => Promise.resolve(true),
  });
  expect(report).toMatchObject({ state: 'loaded', rows_rejected: 0 });
}

describe('storing events', () => {
  it('adds them to the day of their product and place, whatever their order, and keeps up the totals', async () => {
    await send({ id: '1', quantity: 2, price: 10 }, { id: '2', sku: 'B', quantity: 0.1 }, { id: '3', daysAgo: 6 });
    await send({ id: '4', quantity: 1, price: 13 }, { id: '5', sku: 'B', quantity: 0.2 });
    expect(await store()).toEqual({ batches: 2, events: 5, stored: 5, duplicate: 0, settled: 0 });
    await send({ id: '6', quantity: 1, price: 11 }, { id: '7', daysAgo: 6, location: 'Y', quantity: 4 });
    expect(await store()).toMatchObject({ stored: 2 });
    expect(await sales()).toEqual([
      { sku: 'A', code: 'X', date: dayAgo(6), sold: 1, revenue: null, price: null },
      { sku: 'A', code: 'X', date: dayAgo(1), sold: 4, revenue: 44, price: 11 },
      { sku: 'A', code: 'Y', date: dayAgo(6), sold: 4, revenue: null, price: null },
      { sku: 'B', code: 'X', date: dayAgo(1), sold: 0.3, revenue: null, price: null },
    ]);
    expect(await disagreements()).toEqual([]);
    expect(await sql('SELECT sum(sales_rows)::int AS n FROM sales_series')).toEqual([{ n: 4 }]);
    expect(await sql(`SELECT current_price::float AS price FROM products WHERE sku = 'A'`)).toEqual([{ price: 10 }]);
    expect(await store()).toMatchObject({ batches: 0 });
  });

  it('nets returns within the day, also one that comes before its sale, and never below zero', async () => {
    await send({ id: '1', quantity: -3, price: 5 });
    await store();
    expect(await sales()).toMatchObject([{ sold: 0, revenue: 0, price: null }]);
    await send({ id: '2', quantity: 5, price: 5 });
    await store();
    expect(await sales()).toMatchObject([{ sold: 2, revenue: 10, price: 5 }]);
    expect(await disagreements()).toEqual([]);
  });

  it('stores an id once: again, in other batches, on another day, and many times at once', async () => {
    await send({ id: 'a' }, { id: 'b' });
    await store();
    // As if they had been stored some days ago.
    await sql(`SELECT ensure_stream_ids($1)`, [dayAgo(5)]);
    await sql(`UPDATE stream_ids SET day = $1 WHERE event_id = 'a'`, [dayAgo(5)]);
    await send({ id: 'a' }, { id: 'b', daysAgo: 2 }, { id: 'c' });
    await Promise.all(Array.from({ length: 20 }, () => send({ id: 'c' }, { id: 'd' })));
    const others = await Promise.all([connect(), connect()]);
    const results = await Promise.all([client, ...others].map((connection) => store(connection)));
    await Promise.all(others.map((connection) => connection.end()));
    expect(results.reduce((sum, result) => sum + (result?.stored ?? 0), 0)).toBe(2);
    expect(results.reduce((sum, result) => sum + (result?.duplicate ?? 0), 0)).toBe(2 + 40 - 1);
    expect(await sales()).toMatchObject([{ date: dayAgo(1), sold: 4 }]);
  });

  it('leaves nothing of a transaction that is lost, or that is no longer its own', async () => {
    await send({ id: 'a' });
    const lost = await connect();
    lost.on('error', () => undefined);
    const [{ pid }] = (await lost.query('SELECT pg_backend_pid() AS pid')).rows as { pid: number }[];
    await expect(
      storeWaiting(lost, api.app.get(CatalogueService), async () => {
        await sql('SELECT pg_terminate_backend($1)', [pid]);
        return true;
      }),
    ).rejects.toThrow();
    expect(await store(client, false)).toBeNull();
    expect([await sales(), await sql('SELECT * FROM stream_ids')]).toEqual([[], []]);
    expect(await store()).toMatchObject({ stored: 1 });
    expect(await sales()).toMatchObject([{ sold: 1 }]);
  });
});

describe('a file that states a day', () => {
  it('has the last word over events that came before it and after it', async () => {
    await send({ id: 'a', quantity: 3, price: 10 }, { id: 'b', sku: 'B', quantity: 3 });
    await store();
    await load(`${dayAgo(1)},A,X,7,12`);
    await send({ id: 'c', quantity: 5, price: 10 }, { id: 'd', sku: 'B', quantity: 1 });
    expect(await store()).toMatchObject({ stored: 1, settled: 1 });
    expect(await sales()).toEqual([
      { sku: 'A', code: 'X', date: dayAgo(1), sold: 7, revenue: 84, price: 12 },
      { sku: 'B', code: 'X', date: dayAgo(1), sold: 4, revenue: null, price: null },
    ]);
    expect(await disagreements()).toEqual([]);
  });

  it('settles it also where it says what the events had added up to', async () => {
    await send({ id: 'a', quantity: 3, price: 10 });
    await store();
    await load(`${dayAgo(1)},A,X,3,10`);
    await send({ id: 'b', quantity: 1 });
    expect(await store()).toMatchObject({ stored: 0, settled: 1 });
    expect(await sales()).toMatchObject([{ sold: 3 }]);
  });
});

describe('the clock of the data', () => {
  it('passes a day once it is over, and not while events of it come in', async () => {
    await load(`${dayAgo(3)},A,X,1,1`);
    await send({ id: 'a', daysAgo: 0 });
    await store();
    expect(await announce(dayAgo(0))).toBe(0);
    expect(await clock()).toEqual({ business_date: dayAgo(3), first_date: dayAgo(3), load_sequence: 1 });
    expect(await announce(dayAgo(-1))).toBe(1);
    expect(await clock()).toEqual({ business_date: dayAgo(0), first_date: dayAgo(3), load_sequence: 2 });
    expect(await sql('SELECT load_sequence FROM sales_daily WHERE date = $1', [dayAgo(0)])).toEqual([
      { load_sequence: 2 },
    ]);
  });

  it('tells of late events on days it has passed, together and at most once a minute', async () => {
    await load(`${dayAgo(1)},A,X,1,1`, `${dayAgo(4)},A,X,1,1`);
    await send({ id: 'a', daysAgo: 4, sku: 'B' }, { id: 'b', daysAgo: 5 });
    await store();
    expect(await announce(dayAgo(0))).toBe(0);
    await sql(`UPDATE data_clock SET updated_at = updated_at - interval '2 minutes'`);
    expect(await announce(dayAgo(0))).toBe(2);
    expect(await clock()).toEqual({ business_date: dayAgo(1), first_date: dayAgo(5), load_sequence: 2 });
    expect(await sql('SELECT date, load_sequence FROM sales_daily ORDER BY date')).toEqual([
      { date: dayAgo(5), load_sequence: 2 },
      { date: dayAgo(4), load_sequence: 2 },
      { date: dayAgo(1), load_sequence: 1 },
    ]);
    await sql(`UPDATE data_clock SET updated_at = updated_at - interval '2 minutes'`);
    expect(await announce(dayAgo(0))).toBe(0);
  });
});

describe('raw shards', () => {
  it('hold every event that was stored, as it came, and only then let go of it', async () => {
    await send({ id: 'a' }, { id: 'b', quantity: 2.5 });
    await send({ id: 'a' });
    expect(await streamLag(manager)).toBeGreaterThan(0);
    await store();
    expect(await streamLag(manager)).toBe(0);
    expect(await nextToLand(manager)).toBeNull();
    expect(await closeShards(client, false)).toBe(0);
    expect(await closeShards(client, true)).toBe(1);
    // What comes now is another shard's, which is not closed so soon after.
    await send({ id: 'c' });
    await store();
    expect(await closeShards(client, true)).toBe(0);

    const shard = await nextToLand(manager);
    const key = shardKey(shard!);
    expect(key).toMatch(/^raw\/sales\/\d{4}\/\d{2}\/\d{2}\/stream-shard-01\.json$/);
    // Written twice, as by a worker that is killed before it has recorded the file: the same bytes.
    const objects = api.app.get(ObjectStore);
    const first = await objects.put(key, shardContent(manager, shard!));
    const object = await objects.put(key, shardContent(manager, shard!));
    expect(object).toMatchObject({ bytes: first.bytes, sha256: first.sha256 });
    await recordLanded(manager, shard!, object);
    const text = (await (await objects.get(key)).toArray()).join('');
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map(({ event_id }) => event_id)).toEqual(['a', 'b', 'a']);
    expect(events[1]).toMatchObject({ sku: 'A', location: 'X', quantity: 2.5 });
    expect(await sql('SELECT events FROM stream_batches')).toEqual([{ events: 1 }]);
    expect(await nextToLand(manager)).toBeNull();

    await sql(`UPDATE stream_shards SET opened_at = opened_at - interval '10 minutes' WHERE closed_at IS NULL`);
    expect(await closeShards(client, false)).toBe(1);
    expect(await nextToLand(manager)).toMatchObject({ number: 2 });
  });
});

describe('housekeeping', () => {
  it('forgets ids after eight days and totals after all events are in', async () => {
    await sql(
      'SELECT ensure_stream_ids(day::date) FROM generate_series($1::date, $2::date, interval $$1 day$$) AS day',
      [dayAgo(12), dayAgo(8)],
    );
    await sql(`INSERT INTO stream_ids VALUES ('old', $1), ('kept', $2)`, [dayAgo(9), dayAgo(8)]);
    await sql(`INSERT INTO stream_totals VALUES (1, 1, $1, 1, 0, 0), (1, 1, $2, 1, 0, 0)`, [dayAgo(17), dayAgo(16)]);
    const dataSource = api.app.get(DataSource);
    expect(await removeIds(dataSource, new Date(NOW))).toBe(4);
    expect(await sql('SELECT event_id FROM stream_ids')).toEqual([{ event_id: 'kept' }]);
    const context = { now: new Date(NOW), before: new Date(NOW), signal: new AbortController().signal };
    expect(await removeTotals(dataSource, context)).toBe(1);
    expect(await sql('SELECT date FROM stream_totals')).toEqual([{ date: dayAgo(16) }]);
  });
});
