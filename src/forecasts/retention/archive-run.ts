import type { DataSource } from 'typeorm';
import type { ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';
import { ParquetColumn, ParquetValue, storeParquet } from '../../platform/parquet/index.ts';
import { dayOf } from '../../signals/index.ts';

/** A run whose time has come. */
export interface ExpiredRun {
  readonly id: number;
  readonly runId: string;
  readonly businessDate: string;
  readonly modelVersion: string;
  readonly levels: readonly number[];
  /** Whether anything of it was ever current. */
  readonly published: boolean;
}

interface Row {
  readonly product: number;
  readonly location: number;
  readonly sku: string | null;
  readonly code: string | null;
  readonly date: string;
  readonly mean: number;
  readonly quantiles: readonly number[];
}

/** Days read at a time. */
const PAGE_ROWS = 20_000;

/** Runs past their time that still stand in the tables, oldest first. */
export function expiredRuns(dataSource: DataSource, now: Date): Promise<ExpiredRun[]> {
  return dataSource.query<ExpiredRun[]>(
    `SELECT r.id, r.run_id AS "runId", r.business_date AS "businessDate", m.version AS "modelVersion", r.levels,
       r.published_at IS NOT NULL AS published
     FROM forecast_runs AS r JOIN model_versions AS m ON m.id = r.model
     WHERE r.archived_at IS NULL AND r.expires_at <= $1 ORDER BY r.expires_at, r.id`,
    [now],
  );
}

/** Rows of a run in the order of their key, a page at a time. */
async function* rowsOf(dataSource: DataSource, { id }: ExpiredRun): AsyncGenerator<readonly ParquetValue[]> {
  let after: readonly [number, number, string] = [0, -1, '-infinity'];
  for (;;) {
    const page = await dataSource.query<Row[]>(
      `SELECT f.product, f.location, p.sku, l.code, f.forecast_date AS date, f.mean, f.quantiles
       FROM forecasts AS f LEFT JOIN products AS p ON p.id = f.product LEFT JOIN locations AS l ON l.id = f.location
       WHERE f.run = $1 AND (f.product, f.location, f.forecast_date) > ($2::int, $3::int, $4::date)
       ORDER BY f.product, f.location, f.forecast_date LIMIT $5`,
      [id, ...after, PAGE_ROWS],
    );
    for (const row of page)
      yield [row.product, row.sku, row.location, row.code, dayOf(row.date), row.mean, ...row.quantiles];
    if (page.length < PAGE_ROWS) return;
    const last = page[page.length - 1];
    after = [last.product, last.location, last.date];
  }
}

/** Key of a run's archive in the object store. */
export function archiveKey({ businessDate, runId }: Pick<ExpiredRun, 'businessDate' | 'runId'>): string {
  return `forecasts/vintage=${businessDate}/run=${runId}.parquet`;
}

/**
 * Writes a run as a Parquet file into the object store: product and place by key and code (location 0 and no code: the
 * sum over the places), day, mean and a column `q<level>` for each quantile. Written again it has the same bytes.
 */
export async function archiveRun(dataSource: DataSource, store: ObjectStore, run: ExpiredRun): Promise<StoredObject> {
  const columns: ParquetColumn[] = [
    { name: 'product', type: 'int32' },
    { name: 'sku', type: 'text' },
    { name: 'location', type: 'int32' },
    { name: 'location_code', type: 'text' },
    { name: 'forecast_date', type: 'date' },
    { name: 'mean', type: 'float' },
    ...run.levels.map((level): ParquetColumn => ({ name: `q${Number(level.toFixed(4))}`, type: 'float' })),
  ];
  const { object } = await storeParquet(store, archiveKey(run), columns, rowsOf(dataSource, run));
  return object;
}

/** Takes a run out of the tables; what it was current for has no forecast any more. One transaction, may be repeated. */
export async function removeRun(dataSource: DataSource, run: ExpiredRun, archive: StoredObject | null): Promise<void> {
  await dataSource.transaction(async (manager) => {
    const [, left]: [unknown[], number] = await manager.query('DELETE FROM forecast_series WHERE run = $1', [run.id]);
    await manager.query('DELETE FROM run_series WHERE run = $1', [run.id]);
    await manager.query('DELETE FROM forecasts WHERE run = $1', [run.id]);
    await manager.query(
      `UPDATE forecast_runs SET archived_at = now(), archive_key = $2, archive_sha256 = $3 WHERE id = $1`,
      [run.id, archive?.key ?? null, archive?.sha256 ?? null],
    );
    if (left) await manager.query('UPDATE forecast_clock SET publications = publications + 1');
  });
}
