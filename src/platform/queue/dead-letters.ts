import type { EntityManager } from 'typeorm';
import type { AlertsService } from '../alerts/index.ts';
import type { Job, JobError } from './job.entity.ts';
import type { QueueName } from './queues.ts';

const matterOf = (queue: QueueName) => `job.dead_letter:${queue}`;

/** Raises the alert about the dead letters of a queue, in the transaction that makes a job one. */
export async function raiseDeadLetter(
  alerts: AlertsService,
  manager: EntityManager,
  job: Job,
  error: JobError,
): Promise<void> {
  await alerts.raise(
    {
      kind: 'job.dead_letter',
      severity: 'warning',
      subject: `A job of the queue ${job.kind} used up its attempts`,
      detail: {
        queue: job.kind,
        job_id: job.id,
        correlation_id: job.correlationId,
        code: error.code,
        message: error.message,
      },
      dedupeKey: matterOf(job.kind),
    },
    (sql, parameters) => manager.query(sql, parameters),
  );
}

/** Settles that alert once a queue has no dead letters left. */
export async function settleDeadLetters(alerts: AlertsService, queue: QueueName): Promise<void> {
  await alerts.settle(matterOf(queue));
}
