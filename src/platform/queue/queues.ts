import { ConfigError } from '../config/index.ts';

/** How one queue runs its jobs; every queue states all of it. */
export interface QueueSettings {
  /** Jobs one worker process runs at a time. */
  readonly concurrency: number;
  /** Tries in all, the first included; a job that has used them up is a dead letter. */
  readonly attempts: number;
  /** First pause before another try; doubles each time, with jitter. */
  readonly backoffMs: number;
  /** A worker that has not renewed its lock for so long is taken for dead. */
  readonly lockMs: number;
  /** Longest one try may take; then it is stopped, threads included, and counts as failed. */
  readonly timeoutMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Every queue there is. The kind of a job is the name of its queue.
 * - `sales-import`: one at a time, since loads of the same days would wait for each other's rows anyway.
 * - `sales-drops`: one at a time, since two would take the same files; looked for again every minute, so tried less often.
 * - `quality-check`: one at a time, since it reads the sales around an upload.
 * - `stream-store`: one at a time, since all writers of sales stand in line; runs as long as events come.
 * - `stream-landing`: one at a time, since shards are written in their order; apart from the storing, which must not wait for
 *   the object store.
 * - `training-ingest`: only waits, so several may.
 * - `training-curate`, `training-features`, `training-evaluate`: hold a whole history or its forecasts in memory.
 * - `model-training`: one at a time, since a fit uses the cores and the memory of a worker.
 * - `training-gate`, `training-register`, `training-deploy`: short, and one after the other in each run.
 * - `forecast-writing`: two, since one waits for the database while the other makes rows.
 * - `batch-collect`, `batch-members`, `batch-forecast`: hold a whole history in memory and compute with all cores.
 * - `batch-write`, `batch-publish`: as the writing and the deployment of a training.
 * - `forecast-generation`: reads the same panel as training, so memory bounds it too.
 * - `forecast-explanation`: reads the same panel too, for somebody who waits.
 * - `signal-ablation`: one at a time, since it reads the same panel too and uses the cores for minutes.
 * - `availability`: reads half a year of everything.
 * - `rollout-review`: one at a time, since it decides about the one rollout there may be.
 * - `forecast-monitoring`: one at a time, since each looks at all days that came in.
 * - `forecast-retention`: one at a time, since a second one would find nothing left to do.
 * - `housekeeping`: one at a time, since a second one would find nothing left to do.
 * - `audit-verification`: one at a time, since each reads the whole audit trail.
 * - `data-collect`, `data-curate`, `data-report`: steps of the daily data job; two months at a time, since each holds a
 *   connection and the memory of one writer of files.
 * - `sales-archive`: one at a time, since archiving and restoring wait for each other anyway.
 * - `external-data-fetcher`: one at a time, so that services are asked for the same thing once.
 */
export const QUEUES = {
  'sales-import': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'sales-drops': { concurrency: 1, attempts: 2, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'quality-check': { concurrency: 1, attempts: 3, backoffMs: 5_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'stream-store': { concurrency: 1, attempts: 5, backoffMs: 500, lockMs: 15_000, timeoutMs: 30 * MINUTE_MS },
  'stream-landing': { concurrency: 1, attempts: 5, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'training-ingest': { concurrency: 2, attempts: 5, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 15 * MINUTE_MS },
  'training-curate': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'training-features': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'model-training': { concurrency: 1, attempts: 3, backoffMs: 5_000, lockMs: 30_000, timeoutMs: 240 * MINUTE_MS },
  'training-evaluate': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'training-gate': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 10 * MINUTE_MS },
  'training-register': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 10 * MINUTE_MS },
  'forecast-writing': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'training-deploy': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'batch-collect': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'batch-members': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'batch-forecast': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'batch-write': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'batch-publish': { concurrency: 2, attempts: 5, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'forecast-generation': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'forecast-explanation': { concurrency: 1, attempts: 2, backoffMs: 1_000, lockMs: 30_000, timeoutMs: 15 * MINUTE_MS },
  'signal-ablation': { concurrency: 1, attempts: 2, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 240 * MINUTE_MS },
  availability: { concurrency: 1, attempts: 3, backoffMs: 5_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'rollout-review': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 10 * MINUTE_MS },
  'forecast-monitoring': { concurrency: 1, attempts: 3, backoffMs: 5_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'forecast-retention': { concurrency: 1, attempts: 5, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  housekeeping: { concurrency: 1, attempts: 3, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'audit-verification': { concurrency: 1, attempts: 3, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 60 * MINUTE_MS },
  'data-collect': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 10 * MINUTE_MS },
  'data-curate': { concurrency: 2, attempts: 3, backoffMs: 5_000, lockMs: 30_000, timeoutMs: 30 * MINUTE_MS },
  'sales-archive': { concurrency: 1, attempts: 3, backoffMs: 10_000, lockMs: 30_000, timeoutMs: 120 * MINUTE_MS },
  'external-data-fetcher': {
    concurrency: 1,
    attempts: 2,
    backoffMs: 60_000,
    lockMs: 30_000,
    timeoutMs: 60 * MINUTE_MS,
  },
  'data-report': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000, timeoutMs: 10 * MINUTE_MS },
} as const satisfies Record<string, QueueSettings>;

export type QueueName = keyof typeof QUEUES;

export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];

/** Who works on a queue where trainings have workers of their own. */
export const FLEETS = ['general', 'training'] as const;
export type Fleet = (typeof FLEETS)[number];

/** Queues whose jobs hold a history and use the cores for minutes to hours; every other is general work. */
const TRAINING_QUEUES: readonly QueueName[] = [
  'training-curate',
  'training-features',
  'model-training',
  'training-evaluate',
  'signal-ablation',
];

/** The fleet a queue belongs to. */
export const fleetOf = (queue: QueueName): Fleet => (TRAINING_QUEUES.includes(queue) ? 'training' : 'general');

/**
 * The queues a worker process works on: those it was told, each by its name or as all of a fleet; null = all there are.
 * @throws ConfigError naming what is no queue and no fleet
 */
export function workedQueues(told: readonly string[] | null): ReadonlySet<QueueName> {
  const unknown = told?.find(
    (word) => !(QUEUE_NAMES as string[]).includes(word) && !(FLEETS as readonly string[]).includes(word),
  );
  if (unknown !== undefined) throw new ConfigError(`WORKER_QUEUES: there is no queue ${unknown}`);
  return new Set(QUEUE_NAMES.filter((queue) => told === null || told.includes(queue) || told.includes(fleetOf(queue))));
}

/** Silence after which a worker of a queue is taken for dead: what the configuration says for all, else the queue's own. */
export function lockMsOf(queue: QueueName, config: { readonly jobLockMs: number | null }): number {
  return config.jobLockMs ?? QUEUES[queue].lockMs;
}
