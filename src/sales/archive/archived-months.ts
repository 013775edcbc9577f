import { nextMonth } from '../daily-data/months.ts';

/** Runs one statement and answers its rows; of a pool or of one connection. */
type RunSql = (sql: string, parameters: unknown[]) => Promise<unknown>;

/** A month of sales that was written to the object store and taken out of the tables. */
export interface ArchivedMonth {
  /** First day. */
  readonly month: string;
  readonly rows: number;
  /** Units sold. */
  readonly quantity: number;
  readonly objectKey: string;
  readonly bytes: number;
  /** Lower-case hex SHA-256 of the file. */
  readonly sha256: string;
  readonly archivedAt: Date;
  /** When its sales were brought back; null while they are in the archive alone. */
  readonly restoredAt: Date | null;
  /** Until when sales that were brought back stay; null while they are in the archive alone. */
  readonly keepUntil: Date | null;
}

const SELECT = `
  SELECT month, sales_rows AS rows, quantity, object_key AS "objectKey", bytes, sha256, archived_at AS "archivedAt",
    restored_at AS "restoredAt", keep_until AS "keepUntil" FROM archived_months`;

/** What was ever archived, the latest month first. */
export async function listArchived(run: RunSql): Promise<ArchivedMonth[]> {
  return (await run(`${SELECT} ORDER BY month DESC`, [])) as ArchivedMonth[];
}

/** One month; null if it was never archived. */
export async function findArchived(run: RunSql, month: string): Promise<ArchivedMonth | null> {
  const rows = (await run(`${SELECT} WHERE month = $1`, [month])) as ArchivedMonth[];
  return rows[0] ?? null;
}

/** First days of the months from one to another whose sales are in the archive alone, in order. */
export async function monthsInArchive(run: RunSql, from: string, to: string): Promise<string[]> {
  const rows = (await run(
    `SELECT month FROM archived_months WHERE restored_at IS NULL AND month >= date_trunc('month', $1::date) AND month <= $2
     ORDER BY month`,
    [from, to],
  )) as { month: string }[];
  return rows.map(({ month }) => month);
}

/** Days whose sales are in the archive alone, counted from 1970-01-01. */
export async function daysInArchive(run: RunSql): Promise<Set<number>> {
  const days = new Set<number>();
  for (const month of await monthsInArchive(run, '1970-01-01', '9999-12-31'))
    for (let day = dayOf(month); day < dayOf(nextMonth(month)); day++) days.add(day);
  return days;
}

/**
 * Months of sales whose time is over: they end at least `months` whole months before the month of the latest sales, and
 * were not brought back lately. Oldest first.
 */
export async function expiredMonths(run: RunSql, months: number, now: Date): Promise<string[]> {
  const rows = (await run(
    `SELECT p.month FROM (
       SELECT to_date(substr(c.relname, 7), 'YYYY_MM') AS month
       FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = 'sales'::regclass) AS p
     JOIN data_clock ON p.month < date_trunc('month', business_date) - $1 * interval '1 month'
     LEFT JOIN archived_months AS a ON a.month = p.month
     WHERE a.keep_until IS NULL OR a.keep_until <= $2 ORDER BY p.month`,
    [months, now],
  )) as { month: string }[];
  return rows.map(({ month }) => month);
}

function dayOf(date: string): number {
  return Date.parse(date) / 86_400_000;
}
