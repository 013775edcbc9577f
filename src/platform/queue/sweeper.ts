import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Job } from './job.entity.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { entryIdOf, JobsService } from './jobs.service.ts';
import { observeQueues } from './queue-metrics.ts';
import { lockMsOf, QUEUE_NAMES } from './queues.ts';

const SWEEP_MS = 5_000;
/** A queued row older than this should have been taken; perhaps its wake-up was lost. */
const QUEUED_GRACE_MS = 10_000;

/** Wakes again what the queue lost: jobs whose wake-up never arrived and jobs whose worker died. */
@Injectable()
export class JobSweeper {
  private readonly logger = new Logger(JobSweeper.name);
  private sweeping = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobsService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Interval(SWEEP_MS)
  async tick(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      await this.sweep();
      await observeQueues(this.dataSource);
    } catch (error) {
      this.logger.warn(`Sweep failed: ${(error as Error).message}`);
    } finally {
      this.sweeping = false;
    }
  }

  /** One sweep; returns how many jobs were woken. */
  async sweep(queuedGraceMs: number = QUEUED_GRACE_MS): Promise<number> {
    await this.dataSource.query(
      `UPDATE jobs SET state = 'cancelled', finished_at = now()
       WHERE cancel_requested
         AND (state = 'queued' OR (state = 'running' AND heartbeat_at < now() - interval '1 minute'))`,
    );
    let woken = 0;
    for (const kind of QUEUE_NAMES) {
      const lost = await this.dataSource.query<Pick<Job, 'id' | 'kind' | 'attempt'>[]>(
        `SELECT id, kind, attempt FROM jobs WHERE kind = $1
           AND ((state = 'queued' AND enqueued_at < now() - $2 * interval '1 millisecond')
             OR (state = 'running' AND heartbeat_at < now() - $3 * interval '1 millisecond'))
         ORDER BY enqueued_at LIMIT 1000`,
        [kind, queuedGraceMs, lockMsOf(kind, this.config)],
      );
      for (const job of lost) {
        const entry = await this.jobs.queue(job.kind).getJob(entryIdOf(job));
        const state = entry ? await entry.getState() : 'unknown';
        if (state === 'completed' || state === 'failed') await entry?.remove();
        else if (state !== 'unknown') continue;
        await this.jobs.wake(job);
        woken++;
      }
    }
    if (woken) this.logger.warn(`Woke ${woken} jobs that the queue had lost`);
    return woken;
  }
}
