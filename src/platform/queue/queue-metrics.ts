import { Gauge, Histogram } from 'prom-client';
import type { DataSource } from 'typeorm';
import { keptReading } from '../metrics/kept-reading.ts';
import { metrics } from '../metrics/metrics.ts';
import { fleetOf, QUEUE_NAMES, QueueName } from './queues.ts';

/** Readings this old are good enough for scaling, and spare the database a scraper that asks often. */
const KEPT_MS = 5_000;

let read: (() => Promise<void>) | null = null;

const openJobs = new Gauge({
  name: 'queue_jobs',
  help: 'Unfinished jobs and dead letters of each queue, over all workers',
  labelNames: ['queue', 'fleet', 'state'] as const,
  registers: [metrics],
  collect: () => read?.(),
});

const oldestWaiting = new Gauge({
  name: 'queue_oldest_waiting_seconds',
  help: 'Age of the job of each queue that has been due for longest; 0 = nothing waits',
  labelNames: ['queue', 'fleet'] as const,
  registers: [metrics],
  collect: () => read?.(),
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
    const fleet = fleetOf(queue);
    openJobs.set({ queue, fleet, state: 'queued' }, row?.waiting ?? 0);
    openJobs.set({ queue, fleet, state: 'running' }, row?.running ?? 0);
    openJobs.set({ queue, fleet, state: 'dead-letter' }, dead.find(({ kind }) => kind === queue)?.count ?? 0);
    oldestWaiting.set({ queue, fleet }, row?.oldest ?? 0);
  }
}

/** What is not known is not stated: the other metrics are worth reading also while the database is away. */
function forget(): void {
  openJobs.reset();
  oldestWaiting.reset();
}

/**
 * Reads how the queues stand whenever metrics are read. For the API, which has no sweeper: it tells that jobs wait also
 * while no worker runs, so that one can be started for them. Answers what ends it.
 */
export function observeQueuesOnRead(dataSource: DataSource): () => void {
  const own = keptReading(KEPT_MS, () => observeQueues(dataSource).catch(forget));
  read = own;
  return () => {
    if (read === own) read = null;
  };
}
