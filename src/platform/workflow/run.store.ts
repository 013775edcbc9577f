import type { EntityManager } from 'typeorm';
import type { StepShape } from './definition.ts';
import type { JobError } from '../queue/index.ts';
import type { Json, Plan, RunState, ShardStatus } from './plan.ts';

/** A row of `workflow_runs`. */
export interface RunRow {
  readonly id: string;
  readonly sequence: number;
  readonly name: string;
  readonly state: RunState;
  readonly input: Json;
  readonly shape: readonly StepShape[];
  readonly dedupe_key: string | null;
  readonly outcome: string | null;
  readonly result: Json | null;
  readonly error: JobError | null;
  readonly cancel_requested: boolean;
  readonly correlation_id: string | null;
  readonly created_by: string | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

/** What a new run is made of. */
export interface NewRun {
  readonly name: string;
  readonly input: Json;
  readonly shape: readonly StepShape[];
  readonly dedupeKey: string | null;
  readonly createdBy: string | null;
  readonly correlationId: string | null;
}

/** Writes a run with its steps, all pending; null if an unfinished run has its key. */
export async function insertRun(manager: EntityManager, run: NewRun): Promise<string | null> {
  const [created] = await manager.query<{ id: string }[]>(
    `INSERT INTO workflow_runs (name, input, shape, dedupe_key, created_by, correlation_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (dedupe_key) WHERE state = 'running' DO NOTHING RETURNING id`,
    [run.name, JSON.stringify(run.input), JSON.stringify(run.shape), run.dedupeKey, run.createdBy, run.correlationId],
  );
  if (!created) return null;
  await manager.query(`INSERT INTO workflow_steps (run_id, step) SELECT $1, unnest($2::text[])`, [
    created.id,
    run.shape.map(({ step }) => step),
  ]);
  return created.id;
}

/** The unfinished run of a key. */
export async function findUnfinished(manager: EntityManager, dedupeKey: string): Promise<RunRow | undefined> {
  const [row] = await manager.query<RunRow[]>(
    `SELECT * FROM workflow_runs WHERE dedupe_key = $1 AND state = 'running'`,
    [dedupeKey],
  );
  return row;
}

export async function findRun(manager: EntityManager, id: string): Promise<RunRow | undefined> {
  const [row] = await manager.query<RunRow[]>(`SELECT * FROM workflow_runs WHERE id = $1`, [id]);
  return row;
}

/** A run whose row stays ours until the transaction ends: whatever changes its steps waits for it. */
export async function lockRun(manager: EntityManager, id: string): Promise<RunRow | undefined> {
  const [row] = await manager.query<RunRow[]>(`SELECT * FROM workflow_runs WHERE id = $1 FOR UPDATE`, [id]);
  return row;
}

/** Brings the steps of a run up to what their jobs say, and answers them. */
export async function readSteps(manager: EntityManager, runId: string): Promise<ShardStatus[]> {
  await manager.query(
    `UPDATE workflow_steps AS s SET state = j.state, error = CASE WHEN j.state = 'failed' THEN j.error END,
       output = j.result -> 'output', shards = j.result -> 'shards', skip_rest = j.result ->> 'skipRest'
     FROM jobs AS j WHERE s.run_id = $1 AND j.id = s.job_id AND s.state <> j.state`,
    [runId],
  );
  return manager.query<ShardStatus[]>(
    `SELECT step, shard, state, output, shards, skip_rest AS "skipRest", error FROM workflow_steps WHERE run_id = $1
     ORDER BY step, shard`,
    [runId],
  );
}

/** Enters a shard of a step under the job that does it. */
export async function startShard(
  manager: EntityManager,
  shard: { runId: string; step: string; shard: number; descriptor: Json | null; jobId: string },
): Promise<void> {
  await manager.query(
    `INSERT INTO workflow_steps (run_id, step, shard, state, descriptor, job_id) VALUES ($1, $2, $3, 'queued', $4, $5)
     ON CONFLICT (run_id, step, shard) DO UPDATE SET state = 'queued', descriptor = $4, job_id = $5`,
    [shard.runId, shard.step, shard.shard, shard.descriptor && JSON.stringify(shard.descriptor), shard.jobId],
  );
}

export async function skipSteps(manager: EntityManager, runId: string, steps: readonly string[]): Promise<void> {
  if (!steps.length) return;
  await manager.query(
    `UPDATE workflow_steps SET state = 'skipped' WHERE run_id = $1 AND step = ANY ($2) AND state = 'pending'`,
    [runId, steps],
  );
}

/** Writes how a run stands. */
export async function writeRunState(manager: EntityManager, runId: string, plan: Plan): Promise<void> {
  await manager.query(
    `UPDATE workflow_runs SET state = $2, outcome = $3, result = $4, error = $5,
       finished_at = CASE WHEN $2 <> 'running' THEN now() END
     WHERE id = $1 AND (state <> $2 OR state = 'failed')`,
    [
      runId,
      plan.state,
      plan.outcome,
      plan.result && JSON.stringify(plan.result),
      plan.error && JSON.stringify(plan.error),
    ],
  );
}

/** Marks a run so that nothing more of it starts; false if it has ended. */
export async function requestCancel(manager: EntityManager, runId: string): Promise<boolean> {
  const marked: [unknown[], number] = await manager.query(
    `UPDATE workflow_runs SET cancel_requested = true WHERE id = $1 AND state = 'running'`,
    [runId],
  );
  return marked[1] === 1;
}

/** Jobs of a run that are still queued or running. */
export async function openJobs(manager: EntityManager, runId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    `SELECT j.id FROM workflow_steps AS s JOIN jobs AS j ON j.id = s.job_id
     WHERE s.run_id = $1 AND j.state IN ('queued', 'running')`,
    [runId],
  );
  return rows.map(({ id }) => id);
}
