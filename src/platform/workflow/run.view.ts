import type { EntityManager } from 'typeorm';
import type { JobError } from '../queue/index.ts';
import type { Json, RunState, StepState } from './plan.ts';
import { runPercent } from './progress.ts';
import type { RunRow } from './run.store.ts';

/** A shard of a step with what its job says right now. */
export interface ShardView {
  readonly run_id: string;
  readonly step: string;
  readonly shard: number;
  readonly state: StepState;
  readonly percent: number;
  readonly message: string;
  /** Attempts begun; 0 before the first. */
  readonly attempts: number;
  readonly job_id: string | null;
  readonly descriptor: Json | null;
  readonly output: Json | null;
  readonly error: JobError | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly duration_seconds: number | null;
}

/** A run and how far it is. */
export interface RunView {
  readonly run: RunRow;
  readonly percent: number;
  /** Names of the steps at work, and what the first of them says. */
  readonly step: string;
  readonly message: string;
  readonly shards: readonly ShardView[];
}

/** Which runs a list is about, latest first. */
export interface RunFilter {
  readonly name?: string;
  readonly state?: RunState;
  /** Sequence number of the last run of the page before. */
  readonly before: number | null;
  readonly limit: number;
}

/** Reads runs, latest first. */
export function listRuns(manager: EntityManager, filter: RunFilter): Promise<RunRow[]> {
  return manager.query<RunRow[]>(
    `SELECT * FROM workflow_runs
     WHERE ($1::text IS NULL OR name = $1) AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR sequence < $3)
     ORDER BY sequence DESC LIMIT $4`,
    [filter.name ?? null, filter.state ?? null, filter.before, filter.limit],
  );
}

/** Adds to runs how their steps stand. */
export async function viewRuns(manager: EntityManager, runs: readonly RunRow[]): Promise<RunView[]> {
  const shards = await manager.query<ShardView[]>(
    `SELECT s.run_id, s.step, s.shard, coalesce(j.state, s.state) AS state, coalesce(j.percent, 0) AS percent,
       coalesce(j.message, '') AS message, coalesce(j.attempt, 0) AS attempts, s.job_id, s.descriptor,
       coalesce(s.output, j.result -> 'output') AS output, coalesce(s.error, j.error) AS error, j.started_at, j.finished_at,
       extract(epoch FROM coalesce(j.finished_at, now()) - j.started_at)::float8 AS duration_seconds
     FROM workflow_steps AS s LEFT JOIN jobs AS j ON j.id = s.job_id
     WHERE s.run_id = ANY ($1) ORDER BY s.run_id, s.step, s.shard`,
    [runs.map(({ id }) => id)],
  );
  return runs.map((run) =>
    viewOf(
      run,
      shards.filter((shard) => shard.run_id === run.id),
    ),
  );
}

function viewOf(run: RunRow, shards: readonly ShardView[]): RunView {
  const atWork = shards.filter(({ state }) => state === 'running');
  const names = new Set(atWork.map(({ step }) => step));
  return {
    run,
    percent: run.state === 'succeeded' ? 100 : runPercent(run.shape, shards),
    step: run.shape.flatMap(({ step }) => (names.has(step) ? [step] : [])).join(', '),
    message: atWork.find(({ message }) => message)?.message ?? '',
    shards,
  };
}
