import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { applyDecorators, BeforeApplicationShutdown, Inject, Logger, OnApplicationBootstrap } from '@nestjs/common';
import { DelayedError, Job as QueueEntry, UnrecoverableError } from 'bullmq';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../alerts/index.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { AppError, withCorrelationId } from '../http/index.ts';
import { OpenSpan, traced } from '../tracing/index.ts';
import { backoffDelay } from './backoff.ts';
import { raiseDeadLetter } from './dead-letters.ts';
import { EndingWork, JobContext, JobRun } from './job-run.ts';
import type { Job, JobError } from './job.entity.ts';
import { jobIdOf, JobsService } from './jobs.service.ts';
import { observeAttempt } from './queue-metrics.ts';
import { queueErrorListener } from './queue-errors.ts';
import { lockMsOf, QueueName, QUEUES, workedQueues } from './queues.ts';

/**
 * How many workers may die over a job before it is a dead letter. More than the tries of any queue: workers are killed
 * for reasons of their own, and a job that brings its worker down takes innocent ones with it.
 */
const MAX_LOSSES = 20;

/** How long an entry waits that reached a worker which is about to end. */
const LEAVE_MS = 1_000;

/** Pause of a worker that found its queue away, before it looks again. */
const RECONNECT_MS = 1_000;

const PUBLIC_MESSAGE = 'The job failed on our side; see the log by its correlation id';

/** Marks the one class that works on a queue, with the settings of {@link QUEUES}. */
export function QueueProcessor(queue: QueueName) {
  const { concurrency, lockMs } = QUEUES[queue];
  return applyDecorators(
    Processor(
      { name: queue },
      // Begins when the process has started, and only on queues that it was given.
      { concurrency, lockDuration: lockMs, maxStalledCount: 5, runRetryDelay: RECONNECT_MS, autorun: false },
    ),
  );
}

/**
 * Base of all processors: turns a wake-up into one fenced attempt at the job's row. What `handle` returns is the job's
 * result. An {@link AppError} of the 4xx kind is final; any other error is tried again as the queue's settings
 * say. When and how often is the row's business, not the queue's, which may forget.
 */
export abstract class JobProcessor<P> extends WorkerHost implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly jobLogger = new Logger(this.constructor.name);
  private readonly queueError = queueErrorListener(this.jobLogger);
  private readonly running = new Set<JobRun>();
  private readonly ended = new Set<Promise<unknown>>();
  private closing = false;

  // Names that the classes built on this one leave alone.
  @Inject(JobsService) private readonly jobRows: JobsService;
  @Inject(APP_CONFIG) private readonly jobConfig: AppConfig;
  @Inject(AlertsService) private readonly jobAlerts: AlertsService;

  protected constructor(private readonly jobsDataSource: DataSource) {
    super();
  }

  protected abstract handle(context: JobContext<P>): Promise<Record<string, unknown>>;

  /** Runs in the transaction that ends the job, after its row is written; answers jobs to wake after the commit. */
  protected ending(_manager: EntityManager, _job: Job): Promise<Job[]> {
    return Promise.resolve([]);
  }

  /** Begins to work, unless this process was told to work on other queues. */
  onApplicationBootstrap(): void {
    const queue = this.worker.name as QueueName;
    if (workedQueues(this.jobConfig.workerQueues).has(queue)) this.worker.run().catch(this.queueError);
  }

  @OnWorkerEvent('error')
  onQueueError(error: Error): void {
    this.queueError(error);
  }

  async process(entry: QueueEntry, token?: string): Promise<void> {
    if (this.closing) {
      // For another worker: this one is about to end.
      await entry.moveToDelayed(Date.now() + LEAVE_MS, token);
      throw new DelayedError();
    }
    const queue = entry.queueName as QueueName;
    const { timeoutMs } = QUEUES[queue];
    const limits = { lockMs: lockMsOf(queue, this.jobConfig), timeoutMs };
    const run = await JobRun.claim(this.jobsDataSource, jobIdOf(entry), limits);
    if (!run) return;
    this.running.add(run);
    if (this.closing) run.stop('shutdown');
    const about = { 'job.attempt': run.job.attempt };
    const attempt = withCorrelationId(run.job.correlationId ?? run.job.id, () =>
      traced('internal', `attempt ${queue}`, about, (span) => this.attempt(run, span)),
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
    this.closing = true;
    for (const run of this.running) run.stop('shutdown');
    await Promise.allSettled(this.ended);
  }

  private async attempt(run: JobRun, span: OpenSpan | null): Promise<void> {
    const { job } = run;
    const started = Date.now();
    const seconds = () => (Date.now() - started) / 1000;
    const observe = (outcome: string) => {
      span?.set({ 'job.outcome': outcome });
      observeAttempt(job.kind, outcome, seconds());
    };
    try {
      if (job.losses > MAX_LOSSES) throw new LostWorkersError(job.losses);
      const result = await run.bounded(this.handle(this.contextOf(run)));
      const written = await this.concluded(job, (ending) => run.succeed(result, ending));
      if (written) await this.jobRows.wakeAll(run.due);
      observe(written ? 'succeeded' : 'superseded');
      if (written) this.jobLogger.log({ message: `${job.kind} succeeded`, job_id: job.id, seconds: seconds() });
    } catch (error) {
      const outcome = await this.end(run, error as Error);
      if (outcome === 'failed' || outcome === 'retried') span?.fail(error);
      observe(outcome);
    }
  }

  private contextOf(run: JobRun): JobContext<P> {
    const { job } = run;
    return {
      id: job.id,
      kind: job.kind,
      payload: job.payload as P,
      createdBy: job.createdBy,
      attempt: job.attempt,
      signal: run.signal,
      checkpoint: job.checkpoint,
      saveCheckpoint: (value) => run.saveCheckpoint(value),
      progress: (percent, step, message) => run.progress(percent, step, message),
      owns: (query) => run.owns(query),
      onSuccess: (work) => run.onSuccess(work),
    };
  }

  /** Writes the end of an attempt that did not succeed; answers what became of it. */
  private async end(run: JobRun, thrown: Error & { code?: string }): Promise<string> {
    const { job } = run;
    if (run.stopReason === 'superseded') return 'superseded';
    if (run.stopReason === 'cancelled') {
      await this.concluded(job, (ending) => run.cancelled(ending));
      this.jobLogger.log({ message: `${job.kind} cancelled`, job_id: job.id });
      return 'cancelled';
    }
    if (run.stopReason === 'shutdown') {
      const message = 'The worker was stopped; the job goes on elsewhere';
      if (await run.handBack({ code: 'SHUTDOWN', message })) await this.jobRows.wake(job);
      return 'handed-back';
    }
    return this.failed(run, run.stopReason === 'timed-out' ? new TimedOutError(QUEUES[job.kind].timeoutMs) : thrown);
  }

  private async failed(run: JobRun, error: Error & { code?: string }): Promise<string> {
    const { job } = run;
    const { attempts, backoffMs } = QUEUES[job.kind];
    const refused = (error instanceof AppError && error.status < 500) || error instanceof UnrecoverableError;
    const failures = job.failures + 1;
    const dead = !refused && (failures >= attempts || error instanceof LostWorkersError);
    this.jobLogger.error({
      err: error,
      message: `${job.kind} failed: ${error.message}`,
      job_id: job.id,
      attempt: job.attempt,
      dead_letter: dead,
    });
    const speaks =
      refused || error instanceof AppError || error instanceof TimedOutError || error instanceof LostWorkersError;
    const code = error.code ?? 'JOB_FAILED';
    const why = { code, message: speaks ? error.message : PUBLIC_MESSAGE, detail: error.message };
    if (refused || dead) {
      await this.concluded(job, (ending) => run.fail(why, dead, ending), dead ? why : null);
      return 'failed';
    }
    const delayMs = backoffDelay(backoffMs, failures, Math.random());
    if (await run.retryLater(why, delayMs)) await this.jobRows.wake(job, delayMs);
    return 'retried';
  }

  private async concluded(job: Job, write: (ending: EndingWork) => Promise<boolean>, death: JobError | null = null) {
    let due: Job[] = [];
    const written = await write(async (manager) => {
      if (death) await raiseDeadLetter(this.jobAlerts, manager, job, death);
      due = await this.ending(manager, job);
    });
    if (written) await this.jobRows.wakeAll(due);
    return written;
  }
}

/** A try took longer than its queue allows. */
class TimedOutError extends Error {
  readonly code = 'TIMED_OUT';
  constructor(timeoutMs: number) {
    super(`Took longer than the ${timeoutMs / 1000} s that are allowed`);
  }
}

/** Too many workers died while they were at the job. */
class LostWorkersError extends Error {
  readonly code = 'WORKERS_LOST';
  constructor(losses: number) {
    super(`${losses} workers died while they were at this job`);
  }
}
