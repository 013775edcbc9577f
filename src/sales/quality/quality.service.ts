import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Reads } from '../../platform/reads/index.ts';
import type { FindingKind } from './findings.ts';

/** Data quality of one day of sales. */
export interface QualityDay {
  /** ISO. */
  readonly date: string;
  /** Rows of sales stored. */
  readonly rows: number;
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
}

/** What the data of some days is like. */
export interface QualityOfDays {
  readonly days: readonly QualityDay[];
  /** Uploads that arrived in this time, by what became of them, and the share of their rows that was bad. */
  readonly uploads: { readonly loaded: number; readonly held: number; readonly failed: number };
  readonly badShare: number | null;
}

/** Reads what was found about the quality of sales data. */
@Injectable()
export class QualityService {
  constructor(private readonly reads: Reads) {}

  /** Days of sales `from`..`to`, and the uploads that arrived on these days. */
  between(from: string, to: string): Promise<QualityOfDays> {
    return this.reads.read((manager) => qualityBetween(manager, from, to));
  }
}

async function qualityBetween(manager: EntityManager, from: string, to: string): Promise<QualityOfDays> {
  const days = await manager.query<QualityDay[]>(
    `SELECT d.date::date AS date, coalesce(s.rows, 0)::int AS rows, coalesce(q.findings, '{}') AS findings
       FROM generate_series($1::date, $2::date, interval '1 day') AS d (date)
       LEFT JOIN (SELECT date, sum(sales_rows) AS rows FROM sales_daily WHERE date BETWEEN $1 AND $2 GROUP BY date) AS s
         ON s.date = d.date
       LEFT JOIN (
         SELECT date, jsonb_object_agg(kind, count ORDER BY kind) AS findings
         FROM (SELECT date, kind, sum(count)::int AS count FROM quality_days WHERE date BETWEEN $1 AND $2 GROUP BY date, kind) AS k
         GROUP BY date) AS q ON q.date = d.date
       ORDER BY d.date`,
    [from, to],
  );
  const [{ badShare, ...uploads }] = await manager.query<
    { loaded: number; held: number; failed: number; badShare: number | null }[]
  >(
    `SELECT (count(*) FILTER (WHERE state = 'loaded'))::int AS loaded, (count(*) FILTER (WHERE state = 'held'))::int AS held,
         (count(*) FILTER (WHERE state = 'failed'))::int AS failed,
         sum((report->>'bad_share')::float8 * (report->>'rows_read')::float8)
           / nullif(sum((report->>'rows_read')::float8), 0) AS "badShare"
       FROM uploads WHERE created_at >= $1::date AND created_at < $2::date + 1`,
    [from, to],
  );
  return { days, uploads, badShare };
}
