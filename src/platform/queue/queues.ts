/** How one queue runs its jobs; every queue states all of it. */
export interface QueueSettings {
  /** Jobs one worker process runs at a time. */
  readonly concurrency: number;
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** First pause before another try; doubles each time, with jitter. */
  readonly backoffMs: number;
  /** A worker that has not renewed its lock for so long is taken for dead. */
  readonly lockMs: number;
}

/**
 * Every queue there is. The kind of a job is the name of its queue.
 * - `sales-import`: one at a time, since loads of the same days would wait for each other's rows anyway.
 * - `model-training`: one at a time, since a fit uses the cores and the memory of a worker.
 * - `forecast-generation`: reads the same panel as training, so memory bounds it too.
 */
export const QUEUES = {
  'sales-import': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000 },
  'model-training': { concurrency: 1, attempts: 3, backoffMs: 5_000, lockMs: 30_000 },
  'forecast-generation': { concurrency: 1, attempts: 3, backoffMs: 2_000, lockMs: 30_000 },
} as const satisfies Record<string, QueueSettings>;

export type QueueName = keyof typeof QUEUES;

export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];
