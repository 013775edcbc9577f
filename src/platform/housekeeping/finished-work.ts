import type { DataSource, EntityManager } from 'typeorm';
import type { ObjectStore } from '../objectstore/index.ts';
import { runFolder } from '../workflow/index.ts';

/** Jobs, or other rows, removed at a time. */
export const PART_ROWS = 1_000;
/** Runs removed at a time: each has files and many jobs. */
export const PART_RUNS = 50;

/**
 * Condition that no row of another table names a job `j` by a foreign key that keeps it: such a job tells where the other
 * row came from and stays as long as that does.
 */
async function unnamed(manager: EntityManager): Promise<string> {
  const references = await manager.query<{ table: string; column: string }[]>(
    `SELECT c.conrelid::regclass::text AS table, quote_ident(a.attname) AS column
     FROM pg_constraint AS c JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = 'jobs'::regclass AND c.confdeltype IN ('a', 'r') ORDER BY 1`,
  );
  return references
    .map(({ table, column }) => `NOT EXISTS (SELECT 1 FROM ${table} AS named WHERE named.${column} = j.id)`)
    .concat('true')
    .join(' AND ');
}

/** Removes some jobs that ended before a time and belong to no run. */
export async function removeJobs({ manager }: DataSource, before: Date): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `DELETE FROM jobs WHERE id IN (
       SELECT j.id FROM jobs AS j
       WHERE j.state IN ('succeeded', 'failed', 'cancelled') AND j.finished_at < $1 AND ${await unnamed(manager)}
         AND NOT EXISTS (SELECT 1 FROM workflow_steps AS s WHERE s.job_id = j.id)
       ORDER BY j.finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [before, PART_ROWS],
  );
  return count;
}

/** Removes some runs that ended before a time, with their steps, the jobs of these and the files they left. */
export function removeRuns(dataSource: DataSource, store: ObjectStore, before: Date): Promise<number> {
  return dataSource.transaction(async (manager) => {
    const runs = await manager.query<{ id: string }[]>(
      `SELECT r.id FROM workflow_runs AS r
       WHERE r.state <> 'running' AND r.finished_at < $1 AND NOT EXISTS (
         SELECT 1 FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id
         WHERE s.run_id = r.id AND (j.state IN ('queued', 'running') OR NOT (${await unnamed(manager)})))
       ORDER BY r.finished_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [before, PART_RUNS],
    );
    const ids = runs.map(({ id }) => id);
    for (const id of ids) await store.deleteFolder(runFolder(id));
    await manager.query(`DELETE FROM jobs WHERE id IN (SELECT job_id FROM workflow_steps WHERE run_id = ANY ($1))`, [
      ids,
    ]);
    await manager.query(`DELETE FROM workflow_runs WHERE id = ANY ($1)`, [ids]);
    return ids.length;
  });
}

/** Removes the files of some runs that ended well, or were given up, before a time: no step will read them again. */
export function removeRunFiles(dataSource: DataSource, store: ObjectStore, before: Date, now: Date): Promise<number> {
  return dataSource.transaction(async (manager) => {
    const runs = await manager.query<{ id: string }[]>(
      `SELECT id FROM workflow_runs
       WHERE state IN ('succeeded', 'cancelled') AND finished_at < $1 AND files_removed_at IS NULL
       ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [before, PART_RUNS],
    );
    const ids = runs.map(({ id }) => id);
    for (const id of ids) await store.deleteFolder(runFolder(id));
    await manager.query(`UPDATE workflow_runs SET files_removed_at = $2 WHERE id = ANY ($1)`, [ids, now]);
    return ids.length;
  });
}

/** Removes some ticks of schedules older than a time; the latest of each schedule stays. */
export async function removeTicks({ manager }: DataSource, before: Date): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `DELETE FROM schedule_ticks AS t USING (
       SELECT old.schedule, old.tick FROM schedule_ticks AS old JOIN schedules AS s ON s.name = old.schedule
       WHERE old.tick < $1 AND old.tick IS DISTINCT FROM s.last_tick LIMIT $2) AS gone
     WHERE t.schedule = gone.schedule AND t.tick = gone.tick`,
    [before, PART_ROWS],
  );
  return count;
}

/** Removes some alerts that were resolved before a time. */
export async function removeAlerts({ manager }: DataSource, before: Date): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(
    `DELETE FROM alerts WHERE id IN (
       SELECT id FROM alerts WHERE state = 'resolved' AND resolved_at < $1 ORDER BY id LIMIT $2)`,
    [before, PART_ROWS],
  );
  return count;
}
