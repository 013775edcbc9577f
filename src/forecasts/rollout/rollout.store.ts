import type { Client } from 'pg';
import type { EntityManager } from 'typeorm';

/** A rollout goes from shadow to canary to completed; an experiment is tested until it is stopped. */
export const ROLLOUT_STATES = [
  'shadow',
  'canary',
  'testing',
  'completed',
  'rolled_back',
  'aborted',
  'stopped',
] as const;
export type RolloutState = (typeof ROLLOUT_STATES)[number];

/** A row of `rollouts` with the versions' names. */
export interface RolloutRow {
  readonly id: number;
  readonly rolloutId: string;
  readonly kind: 'rollout' | 'experiment';
  /** What an experiment is called; null where nobody said. */
  readonly name: string | null;
  readonly state: RolloutState;
  /** Share of the products that the candidate forecasts, 0 to 1. */
  readonly share: number;
  /** Share that an experiment keeps once its candidate has forecast; null for a rollout. */
  readonly targetShare: number | null;
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

const SELECT = `SELECT r.id, r.rollout_id AS "rolloutId", r.kind, r.name, r.state, r.share, r.target_share AS "targetShare",
    r.candidate, c.version AS "candidateVersion",
    r.champion, h.version AS "championVersion", r.stage_since AS "stageSince", r.reason, r.started_by AS "startedBy",
    r.created_at AS "createdAt", r.ended_at AS "endedAt"
  FROM rollouts r JOIN model_versions c ON c.id = r.candidate JOIN model_versions h ON h.id = r.champion`;

/** The rollout under way, its row locked where asked. */
export async function activeRollout(query: Query, lock = false): Promise<RolloutRow | undefined> {
  const [row] = await query<RolloutRow>(
    `${SELECT} WHERE r.state IN ('shadow', 'canary', 'testing') ${lock ? 'FOR UPDATE OF r' : ''}`,
  );
  return row;
}

export async function rolloutById(query: Query, rolloutId: string): Promise<RolloutRow | undefined> {
  const [row] = await query<RolloutRow>(`${SELECT} WHERE r.rollout_id = $1`, [rolloutId]);
  return row;
}

/** A rollout or experiment by its internal id. */
export async function rowOf(query: Query, id: number): Promise<RolloutRow> {
  const [row] = await query<RolloutRow>(`${SELECT} WHERE r.id = $1`, [id]);
  return row;
}

/** Rollouts or experiments, latest first, from below the id `before`. */
export function listRollouts(
  query: Query,
  kind: RolloutRow['kind'],
  before: number | null,
  limit: number,
): Promise<RolloutRow[]> {
  return query<RolloutRow>(
    `${SELECT} WHERE r.kind = $1 AND ($2::int IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`,
    [kind, before, limit],
  );
}

export function eventsOf(query: Query, id: number): Promise<RolloutEventRow[]> {
  return query<RolloutEventRow>(
    'SELECT at, actor, action, state, share, reason, measures FROM rollout_events WHERE rollout = $1 ORDER BY id',
    [id],
  );
}

/** A rollout to enter. */
export interface NewRollout {
  readonly candidate: number;
  readonly champion: number;
  readonly stageSince: string;
  readonly startedBy: string;
  /** Keeps this share and is not promoted. */
  readonly experiment?: { readonly name: string | null; readonly share: number };
}

/** Enters a rollout. The database refuses a second one under way with a unique violation. */
export async function insertRollout(query: Query, rollout: NewRollout): Promise<number> {
  const { candidate, champion, stageSince, startedBy, experiment } = rollout;
  const [{ id }] = await query<{ id: number }>(
    `INSERT INTO rollouts (candidate, champion, stage_since, started_by, kind, name, target_share)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [
      candidate,
      champion,
      stageSince,
      startedBy,
      experiment ? 'experiment' : 'rollout',
      experiment?.name ?? null,
      experiment?.share ?? null,
    ],
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
       ended_at = CASE WHEN $2 IN ('shadow', 'canary', 'testing') THEN NULL ELSE now() END
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
