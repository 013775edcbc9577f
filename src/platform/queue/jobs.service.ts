import { getQueueToken } from '@nestjs/bullmq';
import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Queue } from 'bullmq';
import { DataSource, EntityManager } from 'typeorm';
import { correlationId, NotFoundError } from '../http/index.ts';
import { Job } from './job.entity.ts';
import { queueErrorListener } from './queue-errors.ts';
import { QUEUE_NAMES, QueueName, QUEUES } from './queues.ts';

export interface NewJob {
  readonly kind: QueueName;
  readonly payload: Record<string, unknown>;
  /** While an unfinished job has the same key, a new request joins it. */
  readonly dedupeKey?: string;
  readonly createdBy?: string;
}

/** Longest a request waits for the queue to take a wake-up; the sweeper wakes what was not taken. */
const WAKE_TIMEOUT_MS = 2_000;

/** Creates, finds and cancels jobs. Safe to use while the queue is away: rows wait until the sweeper wakes them. */
@Injectable()
export class JobsService implements OnModuleInit {
  private readonly logger = new Logger(JobsService.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly moduleRef: ModuleRef,
  ) {}

  onModuleInit(): void {
    const listener = queueErrorListener(this.logger);
    for (const name of QUEUE_NAMES) this.queue(name).on('error', listener);
  }

  /** Creates a job, or joins the unfinished one of the same key, and wakes a worker. */
  async enqueue(job: NewJob): Promise<Job> {
    const row = await this.create(this.dataSource.manager, job);
    await this.wake(row);
    return row;
  }

  /** Writes the row only, inside the caller's transaction; call {@link wake} after the commit. */
  async create(manager: EntityManager, job: NewJob): Promise<Job> {
    for (;;) {
      const [created] = await manager.query<{ id: string }[]>(
        `INSERT INTO jobs (kind, payload, dedupe_key, created_by, correlation_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (dedupe_key) WHERE state IN ('queued', 'running') DO NOTHING RETURNING id`,
        [job.kind, JSON.stringify(job.payload), job.dedupeKey ?? null, job.createdBy ?? null, correlationId()],
      );
      const found = created
        ? await manager.findOneByOrFail(Job, { id: created.id })
        : await manager
            .createQueryBuilder(Job, 'job')
            .where(`job.dedupeKey = :key AND job.state IN ('queued', 'running')`, { key: job.dedupeKey })
            .getOne();
      // Between the refusal and the look-up the other job may have finished: then there is room for a new one.
      if (found) return found;
    }
  }

  /** Tells a worker that there is something to do. */
  async wake(job: Pick<Job, 'id' | 'kind'>): Promise<void> {
    const settings = QUEUES[job.kind];
    const added = this.queue(job.kind).add(
      job.kind,
      {},
      {
        jobId: job.id,
        attempts: settings.attempts,
        backoff: { type: 'exponential', delay: settings.backoffMs, jitter: 0.5 },
        // The row remembers; a kept queue entry would keep the same id from being woken again.
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        added,
        new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('timed out')), WAKE_TIMEOUT_MS))),
      ]);
    } catch (error) {
      added.catch(() => undefined);
      this.logger.warn(
        `Queue ${job.kind} did not take job ${job.id} (${(error as Error).message}); the sweeper will try again`,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<Job> {
    const job = await this.dataSource.manager.findOneBy(Job, { id });
    if (!job) throw new NotFoundError('Job');
    return job;
  }

  /**
   * Asks for the end of a job: a queued one ends at once, a running one when its worker next looks (within seconds). A
   * finished job stays as it is.
   */
  async cancel(id: string): Promise<Job> {
    await this.dataSource.query(
      `UPDATE jobs SET cancel_requested = true,
         state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
         finished_at = CASE WHEN state = 'queued' THEN now() END
       WHERE id = $1 AND state IN ('queued', 'running')`,
      [id],
    );
    return this.get(id);
  }

  /** The BullMQ queue of a kind. */
  queue(kind: QueueName): Queue {
    return this.moduleRef.get<Queue>(getQueueToken(kind), { strict: false });
  }
}
