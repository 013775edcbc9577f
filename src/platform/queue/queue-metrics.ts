import { Gauge, Histogram } from 'prom-client';
import type { DataSource } from 'typeorm';
import { metrics } from '../metrics/metrics.ts';
import { QUEUE_NAMES, QueueName } from './queues.ts';

const openJobs = new Gauge({
  name: 'queue_jobs',
  help: 'Unfinished jobs and dead letters of each queue, over all workers',
  labelNames: ['queue', 'state'] as const,
  registers: [metrics],
});

const oldestWaiting = new Gauge({
  name: 'queue_oldest_waiting_seconds',
  help: 'Age of the job of each queue that has been due for longest; 0 = nothing waits',
  labelNames: ['queue'] as const,
  registers: [metrics],
});

/** Attempts by what came of them: `succeeded`, `failed`, `retried`, `cancelled`, `handed-back`, `superseded`. */
const attempts = new Histogram({
  name: 'job_attempt_duration_seconds',
  help: 'Duration of attempts at jobs in this process',
  labelNames: ['queue', 'outcome'] as const,
  buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
  registers: [metrics],
});

/** Counts one ended attempt. */
export function observeAttempt(queue: QueueName, outcome: string, seconds: number): void {
  attempts.observe({ queue, outcome }, seconds);
}

interface OpenJobs {
  readonly kind: QueueName;
  readonly waiting: number;
  readonly running: number;
  readonly oldest: number;
}

/** Reads how the queues stand. The queues themselves may have forgotten; the rows have not. */
export async function observeQueues(dataSource: DataSource): Promise<void> {
  const rows = await dataSource.query<OpenJobs[]>(
    `SELECT kind, count(*) FILTER (WHERE state = 'queued') AS waiting, count(*) FILTER (WHERE state = 'running') AS running,
       coalesce(extract(epoch FROM now() - min(enqueued_at) FILTER (WHERE state = 'queued' AND enqueued_at <= now())), 0)::float8
         AS oldest
     FROM jobs WHERE state IN ('queued', 'running') GROUP BY kind`,
  );
  const dead = await dataSource.query<{ kind: QueueName; count: number }[]>(
    `SELECT kind, count(*) FROM jobs WHERE state = 'failed' AND dead_lettered_at IS NOT NULL GROUP BY kind`,
  );
  for (const queue of QUEUE_NAMES) {
    const row = rows.find(({ kind }) => kind === queue);
    openJobs.set({ queue, state: 'queued' }, row?.waiting ?? 0);
    openJobs.set({ queue, state: 'running' }, row?.running ?? 0);
    openJobs.set({ queue, state: 'dead-letter' }, dead.find(({ kind }) => kind === queue)?.count ?? 0);
    oldestWaiting.set({ queue }, row?.oldest ?? 0);
  }
}
