import { setTimeout as sleep } from 'node:timers/promises';
import type { TestApi } from './test-app.ts';

/** A sales file of `products` × `days` rows at one place, and as many rows in it. */
export function salesFile(
  products: number,
  days: number,
  place = 'DS1',
): { readonly content: Buffer; readonly rows: number } {
  const lines = ['date,sku,location,quantity_sold,price'];
  for (let day = 0; day < days; day++) {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    for (let product = 0; product < products; product++)
      lines.push(`${date},SKU-${product},${place},${(product + day) % 9},${10 + (product % 50)}`);
  }
  return { content: Buffer.from(`${lines.join('\n')}\n`), rows: products * days };
}

/** Uploads a sales file and answers the id of the job that imports it. */
export async function uploadSales(api: TestApi, content: Buffer): Promise<string> {
  const { body } = await api.http
    .post('/api/v1/sales-data/upload')
    .set('authorization', `Bearer ${api.adminToken}`)
    .attach('file', content, 'sales.csv')
    .expect(202);
  return body.job_id as string;
}

/** A job's row, as its worker writes it. */
export interface JobRow {
  readonly state: string;
  readonly attempt: number;
}

/** How a job stands in the database. */
export async function jobRow(api: TestApi, id: string): Promise<JobRow> {
  const { rows } = await api.database.client.query<JobRow>('SELECT state, attempt FROM jobs WHERE id = $1', [id]);
  return rows[0];
}

/** Waits until an import has sent some rows of its file to the database, and is still reading. */
export async function untilReading({ database: { client } }: TestApi, rows = 20_000): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(5)) {
    const { rowCount } = await client.query(
      'SELECT 1 FROM pg_stat_progress_copy WHERE datname = current_database() AND tuples_processed >= $1',
      [rows],
    );
    if (rowCount) return;
  }
  throw new Error('No import was found reading');
}

/** What others can see of the imports: stored sales, products, and the state of the newest upload. */
export async function visible(api: TestApi): Promise<{ sales: number; products: number; upload: string }> {
  const { rows } = await api.database.client.query<{ sales: number; products: number }>(
    'SELECT (SELECT count(*) FROM sales)::int AS sales, (SELECT count(*) FROM products)::int AS products',
  );
  const { body } = await api.http
    .get('/api/v1/sales-data/uploads?limit=1')
    .set('authorization', `Bearer ${api.adminToken}`)
    .expect(200);
  return { ...rows[0], upload: body.items[0].state as string };
}

/**
 * Holds up any import at its last statement before the commit, until the answered function is called. Only imports write
 * the row that is locked; everybody may read it.
 */
export async function holdBeforeCommit({ database: { client } }: TestApi): Promise<() => Promise<void>> {
  await client.query('BEGIN');
  await client.query('SELECT 1 FROM data_clock FOR UPDATE');
  return async () => {
    await client.query('ROLLBACK');
  };
}

/** Waits until an import stands at the lock of {@link holdBeforeCommit}. */
export async function untilHeld({ database: { client } }: TestApi): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(20)) {
    // A transaction sees the others' activity as it first saw it, unless it says otherwise.
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rowCount } = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'shelfcast-bulk'
         AND wait_event_type = 'Lock' AND query LIKE '%UPDATE data_clock%'`,
    );
    if (rowCount) return;
  }
  throw new Error('No import came to its last statement');
}
