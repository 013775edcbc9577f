import type pg from 'pg';

/** Where a fixture's forecasts belong: the keys of the facts. */
export interface StoredSeries {
  readonly product: number;
  /** 0 = the sum over all places. */
  readonly location: number;
  /** Expected units of each day. */
  readonly means: readonly number[];
  /** Variance of a day over its mean. */
  readonly dispersion: number;
}

/** Key of the facts behind a public id. */
export async function factKey(client: pg.Client, table: 'products' | 'locations', publicId: string): Promise<number> {
  const column = table === 'products' ? 'product_id' : 'location_id';
  const { rows } = await client.query<{ id: number }>(`SELECT id FROM ${table} WHERE ${column} = $1`, [publicId]);
  return rows[0].id;
}

/** Sets the data's own clock, as a load of sales would. */
export async function setClock(client: pg.Client, first: string, last: string): Promise<void> {
  await client.query('UPDATE data_clock SET first_date = $1, business_date = $2, load_sequence = load_sequence + 1', [
    first,
    last,
  ]);
}

/** Stores sales of one unit count a day, as a load would, with the stock of the last day. */
export async function storeSales(
  client: pg.Client,
  series: { readonly product: number; readonly location: number; readonly units: number; readonly onHand?: number },
  first: string,
  last: string,
): Promise<void> {
  await client.query(
    `SELECT ensure_sales_partition(m::date) FROM generate_series(date_trunc('month', $1::date), $2::date, '1 month') m`,
    [first, last],
  );
  await client.query(
    `INSERT INTO sales (product, location, date, quantity_sold)
     SELECT $1, $2, d::date, $3 FROM generate_series($4::date, $5::date, '1 day') d`,
    [series.product, series.location, series.units, first, last],
  );
  await client.query(
    `INSERT INTO sales_series (product, location, sales_rows, first_date, last_date, on_hand, on_hand_date)
     VALUES ($1, $2, $4::date - $3::date + 1, $3, $4, $5, $4)`,
    [series.product, series.location, first, last, series.onHand ?? null],
  );
}

/**
 * Stores a run that is current for the given series, without any training. Sums of days have the variance of
 * independent days. Answers the run's public id.
 */
export async function storeForecasts(
  client: pg.Client,
  businessDate: string,
  series: readonly StoredSeries[],
): Promise<string> {
  const horizon = Math.max(...series.map(({ means }) => means.length));
  const version = `test-${businessDate}-${Math.random()}`;
  const { rows } = await client.query<{ id: number; run_id: string }>(
    `WITH model AS (
       INSERT INTO model_versions (version, stage, artefact_key, artefact_sha256, data_hash, code_version, parameters,
         seed, train_start, train_end, metrics, weights)
       VALUES ($1, 'archived', 'none', '', '', '', '{}', 1, $2, $2, '{}', '[]') RETURNING id)
     INSERT INTO forecast_runs (model, business_date, horizon_days, series_count, levels, members, sum_inflation,
       published_at)
     SELECT id, $2, $3, $4, '{0.1,0.5,0.9}', '{}', array_fill(1::real, ARRAY[$3::int]), clock_timestamp() FROM model
     RETURNING id, run_id`,
    [version, businessDate, horizon, series.length],
  );
  const [run] = rows;
  for (const { product, location, means, dispersion } of series) {
    await client.query(
      `INSERT INTO forecast_series (product, location, run, data_sufficiency, segment, dispersion)
       VALUES ($1, $2, $3, 'full', 'smooth', $4)
       ON CONFLICT (product, location) DO UPDATE SET run = excluded.run, dispersion = excluded.dispersion`,
      [product, location, run.id, dispersion],
    );
    await client.query(
      `INSERT INTO run_series (product, location, run, data_sufficiency, segment, dispersion, published_at)
       VALUES ($1, $2, $3, 'full', 'smooth', $4, clock_timestamp())`,
      [product, location, run.id, dispersion],
    );
    await client.query(
      `INSERT INTO forecasts (product, location, run, forecast_date, mean, p10, p50, p90, confidence, quantiles, members)
       SELECT $1, $2, $3, $4::date + i::int, m, m, m, m, 0.5, ARRAY[m, m, m], '{}'
       FROM unnest($5::real[]) WITH ORDINALITY AS u (m, i)`,
      [product, location, run.id, businessDate, means],
    );
  }
  await client.query('UPDATE forecast_clock SET publications = publications + 1');
  return run.run_id;
}
