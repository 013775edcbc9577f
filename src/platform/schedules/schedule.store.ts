import type { EntityManager } from 'typeorm';

/** A row of `schedules`. */
export interface ScheduleRow {
  readonly name: string;
  readonly summary: string;
  /** Five parts. */
  readonly cron: string;
  /** IANA name; null = the configured default. */
  readonly timezone: string | null;
  readonly enabled: boolean;
  readonly version: number;
  /** Ticks before this are not owed: when the schedule was made, changed or switched on. */
  readonly counts_from: Date;
  readonly last_tick: Date | null;
  readonly updated_at: Date;
}

/** A row of `schedule_ticks`. */
export interface TickRow {
  readonly schedule: string;
  /** When the schedule came due. */
  readonly tick: Date;
  readonly fired_at: Date;
  /** Earlier ticks that nobody was there for and that this one stands for. */
  readonly missed: number;
  readonly job_id: string | null;
  readonly run_id: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Enters a schedule as its feature declares it, unless it is there: what an administrator has set stays. */
export async function declareSchedule(
  manager: EntityManager,
  { name, summary, cron }: Pick<ScheduleRow, 'name' | 'summary' | 'cron'>,
): Promise<void> {
  await manager.query(
    `INSERT INTO schedules (name, summary, cron) VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET summary = $2 WHERE schedules.summary <> $2`,
    [name, summary, cron],
  );
}

export function listSchedules(manager: EntityManager): Promise<ScheduleRow[]> {
  return manager.query<ScheduleRow[]>(`SELECT * FROM schedules ORDER BY name`);
}

export async function findSchedule(
  manager: EntityManager,
  name: string,
  lock = false,
): Promise<ScheduleRow | undefined> {
  const [row] = await manager.query<ScheduleRow[]>(
    lock ? `SELECT * FROM schedules WHERE name = $1 FOR UPDATE` : `SELECT * FROM schedules WHERE name = $1`,
    [name],
  );
  return row;
}

/** Replaces what an administrator sets; ticks that came due before are not owed. */
export async function updateSchedule(
  manager: EntityManager,
  { name, cron, timezone, enabled }: Pick<ScheduleRow, 'name' | 'cron' | 'timezone' | 'enabled'>,
): Promise<ScheduleRow> {
  const [rows] = await manager.query<[ScheduleRow[], number]>(
    `UPDATE schedules SET cron = $2, timezone = $3, enabled = $4, version = version + 1, updated_at = now(),
       counts_from = CASE WHEN (cron, timezone, enabled) IS DISTINCT FROM ($2, $3, $4) THEN now() ELSE counts_from END
     WHERE name = $1 RETURNING *`,
    [name, cron, timezone, enabled],
  );
  return rows[0];
}

/** Enters a tick; false if another scheduler has done so. */
export async function enterTick(
  manager: EntityManager,
  schedule: string,
  tick: Date,
  missed: number,
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `INSERT INTO schedule_ticks (schedule, tick, missed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING tick`,
    [schedule, tick, missed],
  );
  if (!rows.length) return false;
  await manager.query(`UPDATE schedules SET last_tick = $2 WHERE name = $1`, [schedule, tick]);
  return true;
}

/** Writes what came of a tick. */
export async function completeTick(
  manager: EntityManager,
  schedule: string,
  tick: Date,
  outcome: Partial<Pick<TickRow, 'job_id' | 'run_id' | 'error'>>,
): Promise<void> {
  const { job_id = null, run_id = null, error = null } = outcome;
  await manager.query(
    `UPDATE schedule_ticks SET job_id = $3, run_id = $4, error = $5 WHERE schedule = $1 AND tick = $2`,
    [schedule, tick, job_id, run_id, error && JSON.stringify(error)],
  );
}

/** Ticks of a schedule, latest first. @param before tick of the last row of the page before */
export function listTicks(
  manager: EntityManager,
  schedule: string,
  before: Date | null,
  limit: number,
): Promise<TickRow[]> {
  return manager.query<TickRow[]>(
    `SELECT * FROM schedule_ticks WHERE schedule = $1 AND ($2::timestamptz IS NULL OR tick < $2) ORDER BY tick DESC LIMIT $3`,
    [schedule, before, limit],
  );
}

/** The latest tick of each schedule that has had one. */
export function latestTicks(manager: EntityManager): Promise<TickRow[]> {
  return manager.query<TickRow[]>(
    `SELECT t.* FROM schedules AS s JOIN schedule_ticks AS t ON t.schedule = s.name AND t.tick = s.last_tick`,
  );
}
