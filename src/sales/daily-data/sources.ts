import type { EntityManager } from 'typeorm';

/** What has come from one source. */
export interface SourceReport extends Record<string, unknown> {
  readonly source: string;
  /** Rows that came, and rows that were corrected, since the run before. */
  readonly new_rows: number;
  readonly changed_rows: number;
  /** Rows in all. */
  readonly rows: number;
  /** Latest day the source speaks of; null = it is empty. */
  readonly latest_date: string | null;
  /** Days from then until the day of the run. */
  readonly freshness_days: number | null;
}

/** Files by what has become of them since the run before. */
export interface UploadReport extends Record<string, unknown> {
  readonly loaded: number;
  readonly failed: number;
  /** Waiting for an administrator, whenever they came. */
  readonly held: number;
  /** On their way into the sales, whenever they came. */
  readonly pending: number;
}

/** Takes stock of the sales. @param since when the run before began; null = there was none */
export async function salesSource(manager: EntityManager, since: Date | null, today: string): Promise<SourceReport> {
  const [row] = await manager.query<SourceReport[]>(
    `SELECT 'sales' AS source, came.new_rows, came.changed_rows,
       (SELECT coalesce(sum(sales_rows), 0) FROM sales_daily)::bigint AS rows,
       business_date AS latest_date, $2::date - business_date AS freshness_days
     FROM data_clock, (
       SELECT coalesce(sum((report ->> 'rows_inserted')::bigint), 0)::bigint AS new_rows,
         coalesce(sum((report ->> 'rows_updated')::bigint), 0)::bigint AS changed_rows
       FROM uploads WHERE state = 'loaded' AND ($1::timestamptz IS NULL OR finished_at >= $1)) AS came`,
    [since, today],
  );
  return row;
}

/** Takes stock of the uploads. */
export async function uploadStates(manager: EntityManager, since: Date | null): Promise<UploadReport> {
  const [row] = await manager.query<UploadReport[]>(
    `SELECT count(*) FILTER (WHERE state = 'loaded' AND recent) AS loaded,
       count(*) FILTER (WHERE state = 'failed' AND recent) AS failed,
       count(*) FILTER (WHERE state = 'held') AS held,
       count(*) FILTER (WHERE state IN ('queued', 'loading')) AS pending
     FROM (SELECT CASE WHEN u.state IN ('queued', 'loading') AND j.state IN ('failed', 'cancelled') THEN j.state ELSE u.state END
             AS state, $1::timestamptz IS NULL OR coalesce(u.finished_at, u.created_at) >= $1 AS recent
           FROM uploads AS u LEFT JOIN jobs AS j ON j.id = u.job_id) AS known`,
    [since],
  );
  return row;
}
