import type { DataSource } from 'typeorm';
import { LiveMeasures, measuresOfSums } from './measures-of-sums.ts';
import { observedDays, ScoreSums, SUMS } from './sums.ts';

/** How a model version forecast a product. */
export interface ProductAccuracy extends LiveMeasures {
  readonly version: string;
  /** First and last day judged. */
  readonly first: string;
  readonly last: string;
}

/**
 * How published forecasts of a product at a place, or at all its places, did on some days, by model version, newest first;
 * from the forecasts and the sales themselves.
 * @param location null = all places
 */
export async function productAccuracy(
  dataSource: DataSource,
  product: number,
  location: number | null,
  days: readonly string[],
): Promise<ProductAccuracy[]> {
  const rows = await dataSource.query<(ScoreSums & Pick<ProductAccuracy, 'version' | 'first' | 'last'>)[]>(
    `SELECT m.version, to_char(min(o.date), 'YYYY-MM-DD') AS first, to_char(max(o.date), 'YYYY-MM-DD') AS last, ${SUMS}
     FROM (${observedDays(
       '$3',
       'v.product = $1 AND ($2::int IS NULL OR v.location = $2) AND v.published_at IS NOT NULL AND r.archived_at IS NULL',
     )}) AS o JOIN forecast_runs AS b ON b.id = o.run JOIN model_versions AS m ON m.id = b.model
     GROUP BY m.id ORDER BY m.id DESC`,
    [product, location, days],
  );
  return rows.map(({ version, first, last, ...sums }) => ({ version, first, last, ...measuresOfSums(sums) }));
}
