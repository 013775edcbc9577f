import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { AppError } from '../../platform/http/index.ts';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { ParquetColumn, ParquetValue, queryParquetTexts } from '../../platform/parquet/index.ts';
import { nextMonth } from '../daily-data/months.ts';

/** Rows read at a time. */
const PAGE_ROWS = 20_000;

/**
 * Columns of an archived month; one row for each product, place and day, in the order of the keys. SKU and code are for
 * readers from outside; what brings the month back goes by the keys.
 */
export const ARCHIVE_COLUMNS: readonly ParquetColumn[] = [
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
  { name: 'created_at', type: 'timestamp' },
];

/** Columns of a row of `sales`, in the order of {@link SALES_TEXT}. */
export const SALES_COLUMNS =
  'product, location, date, quantity_sold, revenue, price, on_hand, promotion, created_at' as const;

const text = (column: string) => `coalesce(${column}::VARCHAR, '\\N')`;

/** A row of the file as PostgreSQL's COPY reads it; numbers are written so that they are read to the same bits. */
export const SALES_TEXT = `concat_ws(chr(9), product::VARCHAR, location::VARCHAR, "date"::VARCHAR, quantity_sold::VARCHAR,
  ${['revenue', 'price', 'on_hand', 'promotion'].map(text).join(', ')},
  make_timestamp(epoch_us(created_at))::VARCHAR || '+00')`;

interface SalesRow {
  readonly product: number;
  readonly sku: string | null;
  readonly location: number;
  readonly code: string | null;
  readonly day: number;
  readonly date: string;
  readonly quantity_sold: number;
  readonly revenue: number | null;
  readonly price: number | null;
  readonly on_hand: number | null;
  readonly promotion: number | null;
  readonly created_us: number;
}

/** Key of an archived month in the object store; folders as readers of partitioned files know them. */
export function archiveKey(month: string): string {
  return `archive/sales/year=${month.slice(0, 4)}/month=${month.slice(5, 7)}/data.parquet`;
}

/** The sales of a month as rows of {@link ARCHIVE_COLUMNS}. @param client in a transaction that sees one moment */
export async function* archiveRows(client: Client, month: string): AsyncGenerator<readonly ParquetValue[]> {
  let after: readonly [number, number, string] = [-1, -1, month];
  for (;;) {
    const { rows: page } = await client.query<SalesRow>(
      `SELECT s.product, p.sku, s.location, l.code, s.date, s.date - '1970-01-01'::date AS day, s.quantity_sold, s.revenue,
         s.price, s.on_hand, s.promotion, (extract(epoch FROM s.created_at) * 1000000)::bigint AS created_us
       FROM sales AS s LEFT JOIN products AS p ON p.id = s.product LEFT JOIN locations AS l ON l.id = s.location
       WHERE s.date >= $1 AND s.date < $2 AND (s.product, s.location, s.date) > ($3::int, $4::int, $5::date)
       ORDER BY s.product, s.location, s.date LIMIT $6`,
      [month, nextMonth(month), ...after, PAGE_ROWS],
    );
    for (const row of page) {
      const { product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion, created_us } = row;
      yield [product, sku, location, code, day, quantity_sold, revenue, price, on_hand, promotion, created_us];
    }
    if (page.length < PAGE_ROWS) return;
    const last = page[page.length - 1];
    after = [last.product, last.location, last.date];
  }
}

/** Rows and units of an archived file. */
export async function countArchive(path: string): Promise<{ readonly rows: number; readonly quantity: number }> {
  const counts = `concat_ws(' ', count(*), coalesce(sum(quantity_sold), 0))`;
  for await (const [line] of queryParquetTexts(path, counts)) {
    const [rows, quantity] = line.split(' ').map(Number);
    return { rows, quantity };
  }
  throw new Error('An aggregate without a row');
}

/**
 * Runs `work` on a local copy of an object, which is removed afterwards.
 * @throws AppError 500 `ARCHIVE_DAMAGED` where the object is not what was stored; NotFoundError where it is gone
 */
export async function withArchiveFile<T>(
  store: ObjectStore,
  { key, sha256 }: { readonly key: string; readonly sha256: string },
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shelfcast-archive-'));
  try {
    const path = join(folder, 'month.parquet');
    const hash = createHash('sha256');
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(await store.get(key), measure, createWriteStream(path));
    if (hash.digest('hex') !== sha256)
      throw new AppError(500, 'ARCHIVE_DAMAGED', `The archived file ${key} is not what was stored`);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether two sums of the same numbers are the same but for the order they were added in. */
export function sameSum(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}
