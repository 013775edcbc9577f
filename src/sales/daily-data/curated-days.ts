import { createReadStream } from 'node:fs';
import type { DataSource, EntityManager } from 'typeorm';
import type { ListedObject, ObjectStore, StoredObject } from '../../platform/objectstore/index.ts';
import { sha256Of, withFolder, writeParquetParts } from '../../platform/parquet/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { monthsInArchive } from '../archive/archived-months.ts';
import { formatDay } from '../csv/values.ts';
import { countDisagreements, CURATED_COLUMNS, curatedRows, DAY_COLUMN } from './curated-rows.ts';
import { nextMonth } from './months.ts';

const ZONE = 'curated/sales';

/** Who curates. */
export interface CuratingAttempt {
  readonly runId: string;
  /** Whether the attempt may still write. */
  owns(): Promise<boolean>;
}

/** What became of the files of a month. */
export interface CuratedMonth {
  /** First day. */
  readonly month: string;
  /** Sales that were read; 0 for a month that has been archived, whose files are left alone. */
  readonly rows: number;
  /** Days with sales, each of which has a file. */
  readonly days: number;
  /** Days whose file was written, and whose file was deleted since nothing was sold on them any more. */
  readonly written: number;
  readonly removed: number;
  /** Pairs of place and day whose stored totals do not agree with the sales. */
  readonly disagreements: number;
}

interface CuratedDay {
  readonly date: string;
  readonly object_key: string;
  readonly sha256: string;
  readonly tag: string;
}

/**
 * Folder of a month's files, in the layout of Hive, by which readers of Parquet leave out what they are not asked for. No
 * leading zeros: readers take numbers for numbers, and 07 for a text.
 */
function monthFolder(month: string): string {
  return `${ZONE}/year=${month.slice(0, 4)}/month=${Number(month.slice(5, 7))}`;
}

/** Key of the file of a day. */
export function curatedKey(date: string): string {
  return `${monthFolder(date)}/day=${Number(date.slice(8, 10))}/data.parquet`;
}

/**
 * Brings the files of a month up to date with its sales, as one statement sees them. The same sales give the same bytes; a
 * day's file is written if its content has changed, or if what lies there is not what was written last.
 *
 * A day's key is always the same, so an attempt that was taken for dead and comes back could put older content over newer.
 * Three things keep that from lasting. A lock on the month, taken before the sales are read and held until the last
 * file is written, makes attempts follow each other, so that who writes later has read later. An attempt that no longer
 * owns its job writes nothing. And should one have been frozen in the middle of a write, for so long that the
 * database gave its lock away, the next run finds another tag on the object than is recorded, and writes the day again.
 */
export async function curateMonth(
  dataSource: DataSource,
  store: ObjectStore,
  month: string,
  attempt: CuratingAttempt,
): Promise<CuratedMonth> {
  return dataSource.transaction(async (manager) => {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtext('curated days'), $1::date - '1970-01-01'::date)`, [
      month,
    ]);
    const known = await curatedDays(manager, month);
    const there = new Map<string, ListedObject>();
    for await (const object of store.list(monthFolder(month))) there.set(object.key, object);
    const write = writerOf(manager, store, attempt);
    return withFolder(async (folder) => {
      const parts = await writeParquetParts(folder, CURATED_COLUMNS, curatedRows(manager, month), (row) =>
        formatDay(row[DAY_COLUMN] as number),
      );
      // Looked at after the sales, in case the month was archived while they were read: its files stand as they are.
      const [archived] = await monthsInArchive((sql, values) => manager.query(sql, values), month, month);
      if (archived) return { month, rows: 0, days: known.size, written: 0, removed: 0, disagreements: 0 };
      const disagreements = await countDisagreements(manager, month);
      let written = 0;
      for (const { name: date, path, rows } of parts) {
        const sha256 = await sha256Of(path);
        const before = known.get(date);
        const key = curatedKey(date);
        if (before?.sha256 === sha256 && there.get(key)?.tag === before.tag) continue;
        await write.put(date, rows, await write.file(key, path));
        written++;
      }
      const current = new Set(parts.map(({ name }) => curatedKey(name)));
      const gone = new Set([...there.keys(), ...[...known.values()].map((day) => day.object_key)]);
      const removed = [...gone].filter((key) => !current.has(key));
      for (const key of removed) await write.delete(key);
      const rows = parts.reduce((sum, part) => sum + part.rows, 0);
      return { month, rows, days: parts.length, written, removed: removed.length, disagreements };
    });
  });
}

async function curatedDays(manager: EntityManager, month: string): Promise<Map<string, CuratedDay>> {
  const days = await manager.query<CuratedDay[]>(
    `SELECT date, object_key, sha256, tag FROM curated_days WHERE date >= $1 AND date < $2`,
    [month, nextMonth(month)],
  );
  return new Map(days.map((day) => [day.date, day]));
}

/** Writes of an attempt: each only while the attempt owns its job. */
function writerOf(manager: EntityManager, store: ObjectStore, { runId, owns }: CuratingAttempt) {
  const allowed = async () => {
    if (!(await owns())) throw new JobStoppedError('The job was cancelled or another attempt has taken it over');
  };
  return {
    file: async (key: string, path: string): Promise<StoredObject> => {
      await allowed();
      return store.put(key, createReadStream(path));
    },
    put: async (date: string, rows: number, { key, bytes, sha256, tag }: StoredObject): Promise<void> => {
      await manager.query(
        `INSERT INTO curated_days (date, sales_rows, object_key, bytes, sha256, tag, run_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (date) DO UPDATE SET sales_rows = $2, object_key = $3, bytes = $4, sha256 = $5, tag = $6,
           run_id = $7, changed_at = now()`,
        [date, rows, key, bytes, sha256, tag, runId],
      );
    },
    delete: async (key: string): Promise<void> => {
      await allowed();
      await store.delete(key);
      await manager.query(`DELETE FROM curated_days WHERE object_key = $1`, [key]);
    },
  };
}
