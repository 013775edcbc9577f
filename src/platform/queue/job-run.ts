import { DataSource, EntityManager } from 'typeorm';
import { Job, JobError } from './job.entity.ts';
import { QueueName } from './queues.ts';
import { untraced } from '../tracing/index.ts';

/** How often a running job writes its progress and looks whether it shall end. */
const HEARTBEAT_MS = 1_000;
/** How long the work of a stopped attempt may take to notice; then it is given up. */
const STOP_GRACE_MS = 4_000;

/** Why a running job was stopped from outside. */
export type StopReason = 'cancelled' | 'shutdown' | 'superseded' | 'timed-out';

/** Work done in the transaction that ends a job; the jobs it answers are woken after the commit. */
export type EndingWork = (manager: EntityManager) => Promise<readonly Job[] | void>;

/** How an attempt is bounded. */
export interface RunLimits {
  /** Silence after which its worker is taken for dead. */
  readonly lockMs: number;
  readonly timeoutMs: number;
}

/** A job was stopped from outside; thrown by work that notices its signal. */
export class JobStoppedError extends Error {
  readonly code = 'CANCELLED';
}

/**
 * One attempt at a job: claims the row, keeps its heartbeat and writes its end. Every write names the attempt, so that a
 * worker that was taken for dead and wakes late changes nothing.
 */
export class JobRun {
  private readonly controller = new AbortController();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly successWork: EndingWork[] = [];
  private latest = { percent: 0, step: '', message: '' };
  private beating = false;
  private giveUp: (error: Error) => void;
  private readonly givenUp = new Promise<never>((_, reject) => (this.giveUp = reject));
  stopReason: StopReason | null = null;
  /** Jobs that the work of {@link onSuccess} has made due. */
  readonly due: Job[] = [];

  private constructor(
    private readonly dataSource: DataSource,
    readonly job: Job,
    timeoutMs: number,
  ) {
    this.givenUp.catch(() => undefined);
    this.timers.push(setInterval(() => void untraced(() => this.beat()), HEARTBEAT_MS));
    this.timers.push(setTimeout(() => this.stop('timed-out'), timeoutMs));
  }

  /** Takes a job that is due, or one whose worker has been silent for longer than its lock; null if there is nothing to take. */
  static async claim(dataSource: DataSource, id: string, limits: RunLimits): Promise<JobRun | null> {
    // A wake-up may come a little before its time, since the queue has a clock of its own.
    const claimed: [unknown[], number] = await dataSource.query(
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, losses = losses + (state = 'running')::int,
         started_at = coalesce(started_at, now()), heartbeat_at = now()
       WHERE id = $1 AND NOT cancel_requested
         AND ((state = 'queued' AND enqueued_at < now() + interval '1 second')
           OR (state = 'running' AND heartbeat_at < now() - $2 * interval '1 millisecond'))
       RETURNING id`,
      [id, limits.lockMs],
    );
    if (claimed[1] === 0) return null;
    return new JobRun(dataSource, await dataSource.manager.findOneByOrFail(Job, { id }), limits.timeoutMs);
  }

  /** Aborts when the job shall end: cancelled, out of time, taken over, or the process stops. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** States how far the job is; written with the next heartbeat. */
  progress(percent: number, step: string, message = ''): void {
    this.latest = { percent: Math.max(0, Math.min(100, Math.round(percent))), step, message };
  }

  /** Ends the heartbeat; nothing of this attempt runs on. */
  close(): void {
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
  }

  stop(reason: StopReason): void {
    if (this.stopReason) return;
    this.stopReason = reason;
    this.controller.abort();
    const grace = () => this.giveUp(new JobStoppedError('The work did not heed its signal and was given up'));
    this.timers.push(setTimeout(grace, STOP_GRACE_MS));
  }

  /** What the work answers, unless the attempt is stopped and the work does not heed it. */
  bounded<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.givenUp]);
  }

  /** Adds work to the transaction that ends the job as succeeded. */
  onSuccess(work: EndingWork): void {
    this.successWork.push(work);
  }

  /** Whether this attempt still owns the job; call it inside the transaction that publishes results. */
  async owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean> {
    const rows = await query(
      `SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running' AND NOT cancel_requested FOR UPDATE`,
      [this.job.id, this.job.attempt],
    );
    return rows.length === 1;
  }

  /** Leaves something for the next attempt. @throws JobStoppedError when the job is no longer this attempt's */
  async saveCheckpoint(value: unknown): Promise<void> {
    const written: [unknown[], number] = await this.dataSource.query(
      `UPDATE jobs SET checkpoint = $3 WHERE id = $1 AND attempt = $2 AND state = 'running'`,
      [this.job.id, this.job.attempt, JSON.stringify(value)],
    );
    if (written[1] === 0) throw new JobStoppedError('The job was taken over or cancelled');
  }

  /** Ends the job together with the work of {@link onSuccess} and `ending`; false if the job is no longer this attempt's. */
  succeed(result: Record<string, unknown>, ending: EndingWork): Promise<boolean> {
    return this.finish(
      `UPDATE jobs SET state = 'succeeded', percent = 100, result = $3, error = NULL, message = '', checkpoint = NULL,
         finished_at = now(), heartbeat_at = now()`,
      [JSON.stringify(result)],
      async (manager) => {
        for (const work of this.successWork) this.due.push(...((await work(manager)) ?? []));
        await ending(manager);
      },
    );
  }

  /** Ends the job as failed. @param dead whether it has used up its attempts */
  fail(error: JobError, dead: boolean, ending: EndingWork): Promise<boolean> {
    return this.finish(
      `UPDATE jobs SET state = 'failed', error = $3, failures = failures + 1, finished_at = now(),
         dead_lettered_at = CASE WHEN $4 THEN now() END`,
      [JSON.stringify(error), dead],
      ending,
    );
  }

  cancelled(ending: EndingWork): Promise<boolean> {
    return this.finish(`UPDATE jobs SET state = 'cancelled', error = NULL, finished_at = now()`, [], ending);
  }

  /** Hands the job back untouched, for another worker to go on. */
  handBack(error: JobError): Promise<boolean> {
    return this.finish(`UPDATE jobs SET state = 'queued', error = $3, enqueued_at = now()`, [JSON.stringify(error)]);
  }

  /** Leaves the job for another try after a pause. */
  retryLater(error: JobError, delayMs: number): Promise<boolean> {
    return this.finish(
      `UPDATE jobs SET state = 'queued', error = $3, failures = failures + 1,
         enqueued_at = now() + $4 * interval '1 millisecond'`,
      [JSON.stringify(error), delayMs],
    );
  }

  private async finish(update: string, values: unknown[], ending?: EndingWork): Promise<boolean> {
    this.close();
    return this.dataSource.transaction(async (manager) => {
      const ended: [unknown[], number] = await manager.query(
        `${update} WHERE id = $1 AND attempt = $2 AND state = 'running'`,
        [this.job.id, this.job.attempt, ...values],
      );
      if (ended[1] === 0) return false;
      await ending?.(manager);
      return true;
    });
  }

  private async beat(): Promise<void> {
    if (this.beating) return;
    this.beating = true;
    try {
      const [rows]: [{ cancel_requested: boolean }[], number] = await this.dataSource.query(
        `UPDATE jobs SET heartbeat_at = now(), percent = $3, step = $4, message = $5
         WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING cancel_requested`,
        [this.job.id, this.job.attempt, this.latest.percent, this.latest.step, this.latest.message],
      );
      if (rows.length === 0) this.stop('superseded');
      else if (rows[0].cancel_requested) this.stop('cancelled');
    } catch {
      // The database may be away for a moment; the attempt ends only when somebody else takes the job.
    } finally {
      this.beating = false;
    }
  }
}

/** What a processor works with. */
export interface JobContext<P> {
  readonly id: string;
  readonly kind: QueueName;
  readonly payload: P;
  readonly createdBy: string | null;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  /** Aborts when the work shall end; it has a few seconds to do so, in which it may save a checkpoint. */
  readonly signal: AbortSignal;
  /** What an earlier attempt saved last; null if it saved nothing. */
  readonly checkpoint: unknown;
  /** Saves something small for the next attempt to go on from. @throws JobStoppedError when the job is no longer ours */
  saveCheckpoint(value: unknown): Promise<void>;
  progress(percent: number, step: string, message?: string): void;
  /** Whether this attempt still owns the job; call it inside the transaction that publishes results. */
  owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean>;
  /** Adds work to the transaction that records the success: it happens with it, or not at all. Jobs it answers are woken. */
  onSuccess(work: EndingWork): void;
}
