import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { ParquetColumn, ParquetValue, storeParquet } from '../../platform/parquet/index.ts';

/** How long the hold-out of a model that does not forecast is kept in the tables. */
export const HOLD_OUT_DAYS = 90;

/** Rows read at a time. */
const PAGE_ROWS = 20_000;

/** A model whose hold-out is to leave the tables. */
export interface HeldOutModel {
  readonly id: number;
  readonly version: string;
}

const COLUMNS: readonly ParquetColumn[] = [
  { name: 'product', type: 'int32' },
  { name: 'location', type: 'int32' },
  { name: 'date', type: 'date' },
  { name: 'horizon', type: 'int32' },
  { name: 'actual', type: 'float' },
  { name: 'mean', type: 'float' },
  { name: 'seasonal_naive', type: 'float' },
  { name: 'p10', type: 'float' },
  { name: 'p50', type: 'float' },
  { name: 'p90', type: 'float' },
  // All levels, as PostgreSQL writes an array: how many there are is the model's own.
  { name: 'quantiles', type: 'text' },
  { name: 'mean_absolute', type: 'double' },
  { name: 'mean_squared', type: 'double' },
];

/**
 * Models made before a time whose hold-outs stand in the tables and are compared with nothing any more: neither do they
 * forecast, nor are they about to.
 */
export function expiredHoldOuts(dataSource: DataSource, before: Date): Promise<HeldOutModel[]> {
  return dataSource.query<HeldOutModel[]>(
    `SELECT m.id, m.version FROM model_versions AS m
     WHERE m.created_at < $1 AND m.stage NOT IN ('champion', 'candidate')
       AND NOT EXISTS (SELECT 1 FROM rollouts AS r WHERE r.ended_at IS NULL AND m.id IN (r.candidate, r.champion))
       AND EXISTS (SELECT 1 FROM holdout_forecasts AS h WHERE h.model = m.id)
     ORDER BY m.id`,
    [before],
  );
}

/** Key of a hold-out in the object store. */
export function holdOutKey(version: string): string {
  return `hold-outs/${version}.parquet`;
}

/**
 * Writes the hold-out of a model as a Parquet file into the object store, and removes it from the tables; the
 * measures stay with the model. What is killed in between writes the same file again.
 */
export async function archiveHoldOut(config: AppConfig, store: ObjectStore, model: HeldOutModel): Promise<void> {
  await withBulkConnection(config, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await storeParquet(store, holdOutKey(model.version), COLUMNS, rowsOf(client, model.id));
    for (const table of ['holdout_forecasts', 'holdout_scales'])
      await client.query(`DELETE FROM ${table} WHERE model = $1`, [model.id]);
    await client.query('COMMIT');
  });
}

async function* rowsOf(client: Client, model: number): AsyncGenerator<readonly ParquetValue[]> {
  // A cursor, since the rows are found by model and have to be sorted, which is to be done once.
  await client.query(
    `DECLARE held_out NO SCROLL CURSOR FOR
     SELECT h.product, h.location, h.date - '1970-01-01'::date AS day, h.horizon, h.actual, h.mean, h.seasonal_naive, h.p10,
       h.p50, h.p90, h.quantiles::text, c.mean_absolute, c.mean_squared
     FROM holdout_forecasts AS h
     LEFT JOIN holdout_scales AS c ON c.product = h.product AND c.location = h.location AND c.model = h.model
     WHERE h.model = ${model} ORDER BY h.product, h.location, h.date`,
  );
  for (;;) {
    const { rows } = await client.query<ParquetValue[]>({ text: `FETCH ${PAGE_ROWS} FROM held_out`, rowMode: 'array' });
    yield* rows;
    if (rows.length < PAGE_ROWS) return;
  }
}
