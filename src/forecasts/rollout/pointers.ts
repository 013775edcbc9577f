import type { Client } from 'pg';
import { publishRun } from '../training/publish-run.ts';

/** The latest run of a model that can be published; undefined where there is none. */
export async function latestRunOf(client: Client, model: number): Promise<number | undefined> {
  const { rows } = await client.query<{ id: number }>(
    `SELECT r.id FROM forecast_runs r WHERE r.model = $1 AND r.archived_at IS NULL
       AND EXISTS (SELECT 1 FROM run_series s WHERE s.run = r.id)
     ORDER BY r.business_date DESC, r.series_count DESC, r.id DESC LIMIT 1`,
    [model],
  );
  return rows[0]?.id;
}

/** Lets the latest run of a model be current for some products, or for all it holds. */
export async function pointTo(client: Client, model: number, products?: readonly number[]): Promise<number> {
  const run = await latestRunOf(client, model);
  return run === undefined ? 0 : publishRun(client, run, products ? { products } : {});
}

/** Gives every series that a model's runs are current for to another model, as far as that one has forecast it. */
export async function giveBack(client: Client, from: number, to: number): Promise<void> {
  const { rows } = await client.query<{ product: number }>(
    `SELECT DISTINCT s.product FROM forecast_series s JOIN forecast_runs r ON r.id = s.run WHERE r.model = $1`,
    [from],
  );
  if (rows.length)
    await pointTo(
      client,
      to,
      rows.map(({ product }) => product),
    );
}
