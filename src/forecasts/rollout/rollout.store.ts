import type { Client } from 'pg';
import type { EntityManager } from 'typeorm';

export const ROLLOUT_STATES = ['shadow', 'canary', 'completed', 'rolled_back', 'aborted'] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** A row of `rollouts` with the versions' names. */
export interface RolloutRow {
  readonly id: number;
  readonly rolloutId: string;
  readonly state: RolloutState;
  /** Share of the products that the candidate forecasts, 0 to 1. */
  readonly share: number;
  readonly candidate: number;
  readonly candidateVersion: string;
  readonly champion: number;
  readonly championVersion: string;
  /** Business date on which the stage began; what was sold after it judges the candidate. */
  readonly stageSince: string;
  readonly reason: string | null;
  readonly startedBy: string;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** A step of a rollout. */
export interface RolloutEventRow {
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly state: RolloutState;
  readonly share: number;
  readonly reason: string;
  readonly measures: Record<string, unknown> | null;
}

/** Runs one statement and answers its rows, on whatever connection the caller's transaction is. */
export type Query = <T>(sql: string, parameters?: unknown[]) => Promise<T[]>;

export const queryOf =
  (client: Client): Query =>
  async <T>(sql: string, parameters: unknown[] = []) =>
    (await client.query(sql, parameters)).rows as T[];
export const queryOfManager =
  (manager: EntityManager): Query =>
  async <T>(sql: string, parameters: unknown[] = []) => {
    const answer: unknown = await manager.query(sql, parameters);
    // Statements that change rows answer [rows, count].
    return (
      Array.isArray(answer) && Array.isArray(answer[0]) && typeof answer[1] === 'number' ? answer[0] : answer
    ) as T[];
  };

const SELECT = `SELECT r.id, r.rollout_id AS "rolloutId", r.state, r.share, r.candidate, c.version AS "candidateVersion",
    r.champion, h.version AS "championVersion", r.stage_since AS "stageSince", r.reason, r.started_by AS "startedBy",
    r.created_at AS "createdAt", r.ended_at AS "endedAt"
  FROM rollouts r JOIN model_versions c ON c.id = r.candidate JOIN model_versions h ON h.id = r.champion`;

/** The rollout under way, its row locked where asked. */
export async function activeRollout(query: Query, lock = false): Promise<RolloutRow | undefined> {
  const [row] = await query<RolloutRow>(
    `${SELECT} WHERE r.state IN ('shadow', 'canary') ${lock ? 'FOR UPDATE OF r' : ''}`,
  );
  return row;
}

export async function rolloutById(query: Query, rolloutId: string): Promise<RolloutRow | undefined> {
  const [row] = await query<RolloutRow>(`${SELECT} WHERE r.rollout_id = $1`, [rolloutId]);
  return row;
}

/** Rollouts, latest first, from below the id `before`. */
export function listRollouts(query: Query, before: number | null, limit: number): Promise<RolloutRow[]> {
  return query<RolloutRow>(`${SELECT} WHERE $1::int IS NULL OR r.id < $1 ORDER BY r.id DESC LIMIT $2`, [before, limit]);
}

export function eventsOf(query: Query, id: number): Promise<RolloutEventRow[]> {
  return query<RolloutEventRow>(
    'SELECT at, actor, action, state, share, reason, measures FROM rollout_events WHERE rollout = $1 ORDER BY id',
    [id],
  );
}

/** Enters a rollout. The database refuses a second one under way with a unique violation. */
export async function insertRollout(
  query: Query,
  rollout: { candidate: number; champion: number; stageSince: string; startedBy: string },
): Promise<number> {
  const [{ id }] = await query<{ id: number }>(
    `INSERT INTO rollouts (candidate, champion, stage_since, started_by) VALUES ($1, $2, $3, $4) RETURNING id`,
    [rollout.candidate, rollout.champion, rollout.stageSince, rollout.startedBy],
  );
  return id;
}

/** Moves a rollout and leaves an entry that tells who, what and why. */
export async function moveRollout(
  query: Query,
  id: number,
  to: { state: RolloutState; share: number; stageSince: string },
  event: { actor: string; action: string; reason: string; measures?: object | null },
): Promise<void> {
  await query(
    `UPDATE rollouts SET state = $2, share = $3, stage_since = $4, reason = $5,
       ended_at = CASE WHEN $2 IN ('shadow', 'canary') THEN NULL ELSE now() END
     WHERE id = $1`,
    [id, to.state, to.share, to.stageSince, event.reason],
  );
  await query(
    `INSERT INTO rollout_events (rollout, actor, action, state, share, reason, measures)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      id,
      event.actor,
      event.action,
      to.state,
      to.share,
      event.reason,
      event.measures ? JSON.stringify(event.measures) : null,
    ],
  );
}
