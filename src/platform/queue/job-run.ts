import { DataSource } from 'typeorm';
import { Job } from './job.entity.ts';
import { QueueName } from './queues.ts';

/** How often a running job writes its progress and looks whether it shall end. */
const HEARTBEAT_MS = 1_000;

/** Why a running job was stopped from outside. */
export type StopReason = 'cancelled' | 'shutdown' | 'superseded';

/**
 * One attempt at a job: claims the row, keeps its heartbeat and writes its end. Every write names the attempt, so that a
 * worker that was taken for dead and wakes late changes nothing.
 */
export class JobRun {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private latest = { percent: 0, step: '', message: '' };
  stopReason: StopReason | null = null;

  private constructor(
    private readonly dataSource: DataSource,
    readonly job: Job,
  ) {}

  /** Takes a queued job, or one whose worker has been silent for longer than its lock; null if there is nothing to take. */
  static async claim(dataSource: DataSource, id: string, lockMs: number): Promise<JobRun | null> {
    const claimed: [unknown[], number] = await dataSource.query(
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, started_at = coalesce(started_at, now()), heartbeat_at = now()
       WHERE id = $1 AND NOT cancel_requested
         AND (state = 'queued' OR (state = 'running' AND heartbeat_at < now() - $2 * interval '1 millisecond'))
       RETURNING id`,
      [id, lockMs],
    );
    if (claimed[1] === 0) return null;
    const run = new JobRun(dataSource, await dataSource.manager.findOneByOrFail(Job, { id }));
    run.timer = setInterval(() => void run.beat(), HEARTBEAT_MS);
    return run;
  }

  /** Aborts when the job shall end: cancelled, taken over, or the process stops. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** States how far the job is; written with the next heartbeat. */
  progress(percent: number, step: string, message = ''): void {
    this.latest = { percent: Math.max(0, Math.min(100, Math.round(percent))), step, message };
  }

  /** Ends the heartbeat; nothing of this attempt runs on. */
  close(): void {
    clearInterval(this.timer);
  }

  stop(reason: StopReason): void {
    this.stopReason ??= reason;
    this.controller.abort();
  }

  /** Whether this attempt still owns the job; call it inside the transaction that publishes results. */
  async owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean> {
    const rows = await query(
      `SELECT 1 FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running' AND NOT cancel_requested FOR UPDATE`,
      [this.job.id, this.job.attempt],
    );
    return rows.length === 1;
  }

  async succeed(result: Record<string, unknown>): Promise<void> {
    await this.finish(
      `UPDATE jobs SET state = 'succeeded', percent = 100, result = $3, error = NULL, message = '', finished_at = now(), heartbeat_at = now()`,
      JSON.stringify(result),
    );
  }
  async fail(code: string, message: string): Promise<void> {
    await this.finish(
      `UPDATE jobs SET state = 'failed', error = $3, finished_at = now()`,
      JSON.stringify({ code, message }),
    );
  }
  async cancelled(): Promise<void> {
    await this.finish(`UPDATE jobs SET state = 'cancelled', error = $3, finished_at = now()`, null);
  }
  /** Hands the job back for another attempt. */
  async release(code: string, message: string): Promise<void> {
    await this.finish(
      `UPDATE jobs SET state = 'queued', error = $3, enqueued_at = now()`,
      JSON.stringify({ code, message }),
    );
  }

  private async finish(update: string, value: string | null): Promise<void> {
    this.close();
    await this.dataSource.query(`${update} WHERE id = $1 AND attempt = $2 AND state = 'running'`, [
      this.job.id,
      this.job.attempt,
      value,
    ]);
  }

  private async beat(): Promise<void> {
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
    }
  }
}

/** What a processor works with. */
export interface JobContext<P> {
  readonly id: string;
  readonly kind: QueueName;
  readonly payload: P;
  readonly createdBy: string | null;
  readonly signal: AbortSignal;
  progress(percent: number, step: string, message?: string): void;
  owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean>;
}
