import type { Client } from 'pg';
import type { EntityManager } from 'typeorm';
import { formatDay } from '../csv/values.ts';
import type { Finding, FindingKind } from './findings.ts';

/** How often a kind of defect was found on a day. */
export interface DayCount {
  readonly kind: FindingKind;
  /** Counted from 1970-01-01. */
  readonly day: number;
  readonly count: number;
}

const INSERT = `
  INSERT INTO quality_days (upload, date, kind, count)
  SELECT $1, date, kind, count FROM unnest($2::date[], $3::text[], $4::int[]) AS found (date, kind, count)
  ON CONFLICT (upload, date, kind) DO UPDATE SET count = excluded.count`;

function parametersOf(upload: string, counts: readonly DayCount[]): unknown[] {
  return [
    upload,
    counts.map(({ day }) => formatDay(day)),
    counts.map(({ kind }) => kind),
    counts.map(({ count }) => count),
  ];
}

/** Keeps what was found in an upload by day. */
export async function storeDays(client: Client, upload: string, counts: Iterable<DayCount>): Promise<void> {
  const rows = [...counts];
  if (rows.length) await client.query(INSERT, parametersOf(upload, rows));
}

/** Keeps what the series around an upload's rows show; with it the upload has been checked. */
export async function storeSeriesFindings(
  manager: EntityManager,
  upload: string,
  findings: readonly Finding[],
  counts: Iterable<DayCount>,
): Promise<void> {
  await manager.query('UPDATE uploads SET series_findings = $2 WHERE id = $1', [upload, JSON.stringify(findings)]);
  const rows = [...counts];
  if (rows.length) await manager.query(INSERT, parametersOf(upload, rows));
}
