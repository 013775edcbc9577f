import type { Client } from 'pg';

/** Which series of a run become current. */
export interface PublicationScope {
  /** Whether the run is of everything there is: then what it does not hold is no longer forecast. */
  readonly complete?: boolean;
  /** Only these products; all of the run's if absent. */
  readonly products?: readonly number[];
  /** Not these products: another model forecasts them. */
  readonly exceptProducts?: readonly number[];
}

/**
 * Makes a written run the current one of its series, or of some of them. Short, and belongs into a transaction: readers
 * see the old forecasts or the new ones. What was current before stays as a vintage, unless the same model made it from
 * the same sales: then this run says the same or better, and the old rows go.
 * @returns how many series the run is current for now
 */
export async function publishRun(client: Client, run: number, scope: PublicationScope = {}): Promise<number> {
  const { complete = false, products = null, exceptProducts = null } = scope;
  const pointed = await client.query(
    `INSERT INTO forecast_series (product, location, run, data_sufficiency, segment, dispersion)
     SELECT product, location, run, data_sufficiency, segment, dispersion FROM run_series
     WHERE run = $1 AND ($2::int[] IS NULL OR product = ANY ($2)) AND ($3::int[] IS NULL OR product <> ALL ($3))
     ON CONFLICT (product, location) DO UPDATE SET run = excluded.run, data_sufficiency = excluded.data_sufficiency,
       segment = excluded.segment, dispersion = excluded.dispersion`,
    [run, products, exceptProducts],
  );
  if (complete && !products)
    await client.query('DELETE FROM forecast_series WHERE run <> $1 AND ($2::int[] IS NULL OR product <> ALL ($2))', [
      run,
      exceptProducts,
    ]);
  await client.query(
    `UPDATE run_series AS r SET published_at = clock_timestamp() FROM forecast_series AS s
     WHERE r.run = $1 AND s.run = $1 AND s.product = r.product AND s.location = r.location`,
    [run],
  );
  await client.query(
    'UPDATE forecast_runs SET published_at = coalesce(published_at, clock_timestamp()) WHERE id = $1',
    [run],
  );
  await dropRepeated(client, run, complete);
  await client.query('UPDATE forecast_clock SET publications = publications + 1');
  return pointed.rowCount ?? 0;
}

/** Removes what earlier runs of the same model and business date hold of the series that are current in this one. */
async function dropRepeated(client: Client, run: number, complete: boolean): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT o.id FROM forecast_runs AS r
     JOIN forecast_runs AS o ON o.model = r.model AND o.business_date = r.business_date AND o.id < r.id
     WHERE r.id = $1 AND o.archived_at IS NULL`,
    [run],
  );
  if (!rows.length) return;
  const earlier = rows.map(({ id }) => id);
  if (complete) {
    await client.query('DELETE FROM forecasts WHERE run = ANY ($1)', [earlier]);
    await client.query('DELETE FROM run_series WHERE run = ANY ($1)', [earlier]);
    return;
  }
  for (const table of ['forecasts', 'run_series'])
    await client.query(
      `DELETE FROM ${table} AS f USING forecast_series AS s
       WHERE s.run = $1 AND f.product = s.product AND f.location = s.location AND f.run = ANY ($2)`,
      [run, earlier],
    );
}
