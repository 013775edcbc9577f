import type { Client } from 'pg';

/**
 * Lets the latest forecast of a model for each series be the current one, for some products or for all: a run for a few
 * products may be newer than the last one for all. A forecast whose days are over replaces nothing.
 * @returns how many series it forecasts now
 */
export async function pointTo(client: Client, model: number, products?: readonly number[]): Promise<number> {
  const pointed = await client.query(
    `INSERT INTO forecast_series (product, location, run, data_sufficiency, segment, dispersion)
     SELECT DISTINCT ON (s.product, s.location) s.product, s.location, s.run, s.data_sufficiency, s.segment, s.dispersion
     FROM run_series AS s JOIN forecast_runs AS r ON r.id = s.run
     WHERE r.model = $1 AND r.archived_at IS NULL AND ($2::int[] IS NULL OR s.product = ANY ($2))
       AND r.business_date + r.horizon_days > (SELECT coalesce(business_date, '-infinity') FROM data_clock)
     ORDER BY s.product, s.location, r.business_date DESC, r.id DESC
     ON CONFLICT (product, location) DO UPDATE SET run = excluded.run, data_sufficiency = excluded.data_sufficiency,
       segment = excluded.segment, dispersion = excluded.dispersion`,
    [model, products ?? null],
  );
  await client.query(
    `UPDATE run_series AS r SET published_at = coalesce(r.published_at, clock_timestamp())
     FROM forecast_series AS s JOIN forecast_runs AS f ON f.id = s.run AND f.model = $1
     WHERE r.run = s.run AND r.product = s.product AND r.location = s.location`,
    [model],
  );
  await client.query(
    `UPDATE forecast_runs AS r SET published_at = clock_timestamp()
     WHERE r.model = $1 AND r.published_at IS NULL AND EXISTS (SELECT 1 FROM forecast_series AS s WHERE s.run = r.id)`,
    [model],
  );
  await client.query('UPDATE forecast_clock SET publications = publications + 1');
  return pointed.rowCount ?? 0;
}

/** Gives every series that a model's runs are current for to another model, as far as that one has forecast it. */
export async function giveBack(client: Client, from: number, to: number): Promise<void> {
  const { rows } = await client.query<{ product: number }>(
    `SELECT DISTINCT s.product FROM forecast_series AS s JOIN forecast_runs AS r ON r.id = s.run WHERE r.model = $1`,
    [from],
  );
  if (rows.length)
    await pointTo(
      client,
      to,
      rows.map(({ product }) => product),
    );
}

/** Business dates that one model has forecast from since another last did. */
export async function datesBehind(client: Client, model: number, other: number): Promise<number> {
  const { rows } = await client.query<{ dates: number }>(
    `SELECT count(DISTINCT business_date)::int AS dates FROM forecast_runs
     WHERE model = $2 AND business_date > coalesce((SELECT max(business_date) FROM forecast_runs WHERE model = $1), '-infinity')`,
    [model, other],
  );
  return rows[0].dates;
}
