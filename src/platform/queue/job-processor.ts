import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { applyDecorators, BeforeApplicationShutdown, Logger } from '@nestjs/common';
import { Job as QueueEntry, UnrecoverableError } from 'bullmq';
import { DataSource } from 'typeorm';
import { AppError, withCorrelationId } from '../http/index.ts';
import { JobContext, JobRun } from './job-run.ts';
import { queueErrorListener } from './queue-errors.ts';
import { QueueName, QUEUES } from './queues.ts';

/** Marks the one class that works on a queue, with the settings of {@link QUEUES}. */
export function QueueProcessor(queue: QueueName) {
  const { concurrency, lockMs } = QUEUES[queue];
  return applyDecorators(Processor({ name: queue }, { concurrency, lockDuration: lockMs, maxStalledCount: 5 }));
}

/** A job was stopped from outside; thrown by work that notices its signal. */
export class JobStoppedError extends Error {
  readonly code = 'CANCELLED';
}

/**
 * Base of all processors: turns a wake-up into one fenced attempt at the job's row. What `handle` returns is the job's
 * result. An {@link AppError} (a 4xx kind of failure) is final; any other error is tried again as the queue's settings say.
 */
export abstract class JobProcessor<P> extends WorkerHost implements BeforeApplicationShutdown {
  private readonly logger = new Logger(this.constructor.name);
  private readonly queueError = queueErrorListener(this.logger);
  private readonly running = new Set<JobRun>();
  private readonly ended = new Set<Promise<unknown>>();

  protected constructor(private readonly jobsDataSource: DataSource) {
    super();
  }

  protected abstract handle(context: JobContext<P>): Promise<Record<string, unknown>>;

  @OnWorkerEvent('error')
  onQueueError(error: Error): void {
    this.queueError(error);
  }

  async process(entry: QueueEntry): Promise<void> {
    const queue = entry.queueName as QueueName;
    const run = await JobRun.claim(this.jobsDataSource, entry.id as string, QUEUES[queue].lockMs);
    if (!run) return;
    this.running.add(run);
    const attempt = withCorrelationId(run.job.correlationId ?? run.job.id, () =>
      this.attempt(run, entry.attemptsMade + 1 >= QUEUES[queue].attempts),
    );
    this.ended.add(attempt);
    try {
      await attempt;
    } finally {
      run.close();
      this.running.delete(run);
      this.ended.delete(attempt);
    }
  }

  /** Running jobs are handed back, so that another worker goes on while this one is replaced. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const run of this.running) run.stop('shutdown');
    await Promise.allSettled(this.ended);
  }

  private async attempt(run: JobRun, last: boolean): Promise<void> {
    const { job } = run;
    const started = Date.now();
    try {
      const result = await this.handle({
        id: job.id,
        kind: job.kind,
        payload: job.payload as P,
        createdBy: job.createdBy,
        signal: run.signal,
        progress: (percent, step, message) => run.progress(percent, step, message),
        owns: (query) => run.owns(query),
      });
      await run.succeed(result);
      this.logger.log({ message: `${job.kind} succeeded`, job_id: job.id, seconds: (Date.now() - started) / 1000 });
    } catch (error) {
      await this.end(run, error as Error, last);
    }
  }

  private async end(run: JobRun, error: Error & { code?: string }, last: boolean): Promise<void> {
    const { job } = run;
    if (run.stopReason === 'superseded') return;
    if (run.stopReason === 'cancelled') {
      await run.cancelled();
      this.logger.log({ message: `${job.kind} cancelled`, job_id: job.id });
      return;
    }
    if (run.stopReason === 'shutdown') {
      await run.release('SHUTDOWN', 'The worker was stopped; the job goes on elsewhere');
      return;
    }
    const code = error.code ?? 'JOB_FAILED';
    const final = error instanceof AppError || error instanceof UnrecoverableError;
    this.logger.error({
      err: error,
      message: `${job.kind} failed: ${error.message}`,
      job_id: job.id,
      attempt: job.attempt,
    });
    if (final || last)
      await run.fail(code, final ? error.message : 'The job failed on our side; see the log by its correlation id');
    else {
      await run.release(code, error.message);
      throw error;
    }
  }
}
