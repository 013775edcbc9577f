import { Readable } from 'node:stream';
import { ObjectStore } from '../../src/platform/objectstore/index.ts';
import { SalesImportService } from '../../src/sales/index.ts';
import type { TestApi } from './test-app.ts';

/** An uploaded file whose import a test runs itself, attempt by attempt. */
export interface StoredUpload {
  readonly uploadId: string;
  readonly objectKey: string;
  readonly bytes: number;
}

/** What became of an attempt. */
export interface AttemptEnd {
  readonly report: Record<string, unknown> | null;
  readonly error: Error | null;
  /** Percentages in the order they were told. */
  readonly percents: readonly number[];
  /** How often it was asked whether it owns the import: at its start, after each chunk and before it publishes. */
  readonly asked: number;
}

/** Stores a file and its upload. */
export async function storeUpload({ app, database }: TestApi, content: Uint8Array): Promise<StoredUpload> {
  const { rows } = await database.client.query<{ id: string }>('SELECT gen_random_uuid() AS id');
  const [{ id: uploadId }] = rows;
  const objectKey = `raw/sales/${uploadId}`;
  const { bytes, sha256 } = await app.get(ObjectStore).put(objectKey, Readable.from([content]));
  await database.client.query(
    `INSERT INTO uploads (id, filename, bytes, sha256, object_key, state) VALUES ($1, 'sales', $2, $3, $4, 'loading')`,
    [uploadId, bytes, sha256, objectKey],
  );
  return { uploadId, objectKey, bytes };
}

/**
 * One attempt at an import.
 * @param atAsk called, with how often it has been, when the attempt asks whether it owns the import; what it throws ends the attempt
 */
export async function attemptImport(
  { app }: TestApi,
  upload: StoredUpload,
  atAsk: (time: number) => boolean | Promise<boolean>,
): Promise<AttemptEnd> {
  const percents: number[] = [];
  let asked = 0;
  try {
    const report = await app.get(SalesImportService).importFromStore({
      ...upload,
      acceptBad: true,
      signal: new AbortController().signal,
      progress: (percent) => percents.push(percent),
      owns: async () => atAsk(++asked),
    });
    return { report: { ...report, seconds: null }, error: null, percents, asked };
  } catch (error) {
    return { report: null, error: error as Error, percents, asked };
  }
}

const STORED = {
  sales: `
    SELECT p.sku, l.code, s.date, s.quantity_sold, s.revenue, s.price, s.on_hand, s.promotion
    FROM sales s JOIN products p ON p.id = s.product JOIN locations l ON l.id = s.location ORDER BY 1, 2, 3`,
  products: `SELECT id, sku, name, category, current_price FROM products ORDER BY id`,
  locations: `SELECT id, code, pincode FROM locations ORDER BY id`,
  daily: `SELECT * FROM sales_daily ORDER BY location, date`,
  series: `SELECT * FROM sales_series ORDER BY product, location`,
  clock: `SELECT business_date, first_date, load_sequence FROM data_clock`,
  quality: `SELECT date, kind, count FROM quality_days ORDER BY date, kind`,
};

/** All that imports have stored, and the rejected file of one. */
export async function everythingStored({ app, database }: TestApi, uploadId: string): Promise<Record<string, unknown>> {
  const stored: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(STORED)) stored[name] = (await database.client.query(sql)).rows;
  const { rows } = await database.client.query<{ state: string; rejected_key: string | null }>(
    'SELECT state, rejected_key FROM uploads WHERE id = $1',
    [uploadId],
  );
  const [{ state, rejected_key: key }] = rows;
  const rejected = key && Buffer.concat(await (await app.get(ObjectStore).get(key)).toArray()).toString();
  return { ...stored, state, rejected };
}

/** Names of what is staged, and how many states are kept to go on from. */
export async function leftOver({ database }: TestApi): Promise<{ tables: string[]; states: number }> {
  const { rows } = await database.client.query<{ tables: string[] | null; states: number }>(
    `SELECT (SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
             WHERE relnamespace = 'staging'::regnamespace AND relname ~ '^import_[0-9a-f]{32}' AND relkind = 'r') AS tables,
       (SELECT count(*)::int FROM staging.import_checkpoints) AS states`,
  );
  return { tables: rows[0].tables ?? [], states: rows[0].states };
}

/** Takes everything back to before the first import; uploads stay, with their files. */
export async function forgetSales({ app, database: { client } }: TestApi): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sales'::regclass`,
  );
  for (const { name } of rows) await client.query(`DROP TABLE ${name}`);
  await client.query('TRUNCATE sales_daily, sales_series, quality_days, products, locations RESTART IDENTITY CASCADE');
  await client.query('UPDATE data_clock SET business_date = NULL, first_date = NULL, load_sequence = 0');
  await client.query(`UPDATE uploads SET state = 'loading', report = NULL, rejected_key = NULL, finished_at = NULL`);
  await app.get(ObjectStore).deleteFolder('rejected');
}

/** Removes all uploads and what is staged of them. */
export async function forgetUploads(api: TestApi): Promise<void> {
  const { client } = api.database;
  for (const table of (await leftOver(api)).tables) await client.query(`DROP TABLE IF EXISTS staging.${table} CASCADE`);
  await client.query('DELETE FROM staging.import_checkpoints');
  await client.query('DELETE FROM uploads');
}
