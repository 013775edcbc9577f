import { getQueueToken } from '@nestjs/bullmq';
import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Job as QueueEntry, Queue } from 'bullmq';
import { DataSource, EntityManager, In } from 'typeorm';
import { correlationId, NotFoundError } from '../http/index.ts';
import { Job } from './job.entity.ts';
import { queueErrorListener } from './queue-errors.ts';
import { QUEUE_NAMES, QueueName } from './queues.ts';

export interface NewJob {
  readonly kind: QueueName;
  readonly payload: Record<string, unknown>;
  /** While an unfinished job has the same key, a new request joins it. */
  readonly dedupeKey?: string;
  readonly createdBy?: string;
  /** Default: that of the request under way. */
  readonly correlationId?: string | null;
}

/**
 * Id of the queue entry that leads to the attempt after a job's latest. With the attempt in it, an entry that a dead worker
 * still holds stands in nobody's way.
 */
export function entryIdOf(job: Pick<Job, 'id' | 'attempt'>): string {
  return `${job.id}_${job.attempt}`;
}

/** The job that a queue entry is about. */
export function jobIdOf(entry: Pick<QueueEntry, 'id'>): string {
  return (entry.id as string).split('_')[0];
}

/** Longest a request waits for the queue to take a wake-up; the sweeper wakes what was not taken. */
const WAKE_TIMEOUT_MS = 2_000;

/** Jobs woken by the process that made them due. */
const WAKEN_AT_ONCE = 200;

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
        [
          job.kind,
          JSON.stringify(job.payload),
          job.dedupeKey ?? null,
          job.createdBy ?? null,
          job.correlationId ?? correlationId(),
        ],
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

  /** Tells a worker that there is something to do, now or after a pause. */
  async wake(job: Pick<Job, 'id' | 'kind' | 'attempt'>, delayMs = 0): Promise<void> {
    const added = this.queue(job.kind).add(
      job.kind,
      {},
      {
        jobId: entryIdOf(job),
        delay: delayMs,
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

  /** Wakes the workers of jobs that became due together; of very many, the sweeper wakes those that come late. */
  async wakeAll(due: readonly Job[]): Promise<void> {
    await Promise.all(due.slice(0, WAKEN_AT_ONCE).map((job) => this.wake(job)));
  }

  /** Jobs of a kind that wait or run. */
  async countUnfinished(kind: QueueName): Promise<number> {
    const [{ count }] = await this.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM jobs WHERE kind = $1 AND state IN ('queued', 'running')`,
      [kind],
    );
    return count;
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

  /**
   * Puts failed jobs back as if they had not been tried, inside the caller's transaction; call {@link wake} after the
   * commit. One that has been asked for again meanwhile stays as it is.
   */
  async requeue(manager: EntityManager, ids: readonly string[]): Promise<Job[]> {
    const [rows]: [{ id: string }[], number] = await manager.query(
      `UPDATE jobs SET state = 'queued', failures = 0, losses = 0, percent = 0, step = '', message = '', error = NULL,
         dead_lettered_at = NULL, cancel_requested = false, enqueued_at = now(), finished_at = NULL
       WHERE id = ANY ($1) AND state = 'failed' AND (dedupe_key IS NULL OR (
         NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.dedupe_key = jobs.dedupe_key AND other.state IN ('queued', 'running'))
         AND NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.dedupe_key = jobs.dedupe_key AND later.id = ANY ($1)
           AND later.state = 'failed' AND (later.created_at, later.id) > (jobs.created_at, jobs.id))))
       RETURNING id`,
      [ids],
    );
    return manager.findBy(Job, { id: In(rows.map(({ id }) => id)) });
  }

  /** The BullMQ queue of a kind. */
  queue(kind: QueueName): Queue {
    return this.moduleRef.get<Queue>(getQueueToken(kind), { strict: false });
  }
}
