import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../alerts/index.ts';
import { AuditTrail } from '../audit/index.ts';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { decodeCursor, InvalidRequestError, NotFoundError, Page, PageQuery, toPage } from '../http/index.ts';
import { JobsService, lockMsOf, QUEUE_NAMES, QueueName, QUEUES, settleDeadLetters } from '../queue/index.ts';
import type { JobError } from '../queue/index.ts';
import { WorkflowsService } from '../workflow/index.ts';
import { DeadLetterDto, QueueDto, RedrivenDto } from './queue.dto.ts';
import { WorkflowErrorDto } from './workflow.dto.ts';

/** Dead letters put back by one request. */
const REDRIVE_LIMIT = 1_000;

interface Counts {
  readonly kind: QueueName;
  readonly waiting: number;
  readonly delayed: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly dead_letters: number;
  readonly oldest_waiting_seconds: number | null;
}

interface DeadLetterRow {
  readonly id: string;
  readonly payload: Record<string, unknown>;
  readonly error: JobError;
  readonly attempt: number;
  readonly correlation_id: string | null;
  readonly created_at: Date;
  readonly dead_lettered_at: Date;
  /** Microseconds, exact as text. */
  readonly at: string;
}

/** What administrators see of the queues and do to their dead letters. */
@Injectable()
export class QueueAdministration {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly jobs: JobsService,
    private readonly workflows: WorkflowsService,
    private readonly audit: AuditTrail,
    private readonly alerts: AlertsService,
  ) {}

  /** All queues, with their settings and counts. */
  async list(): Promise<QueueDto[]> {
    const counted = await this.dataSource.query<Counts[]>(
      `SELECT kind,
         count(*) FILTER (WHERE state = 'queued' AND enqueued_at <= now()) AS waiting,
         count(*) FILTER (WHERE state = 'queued' AND enqueued_at > now()) AS delayed,
         count(*) FILTER (WHERE state = 'running') AS running,
         count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
         count(*) FILTER (WHERE state = 'failed') AS failed,
         count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
         count(*) FILTER (WHERE state = 'failed' AND dead_lettered_at IS NOT NULL) AS dead_letters,
         extract(epoch FROM now() - min(enqueued_at) FILTER (WHERE state = 'queued' AND enqueued_at <= now()))::float8
           AS oldest_waiting_seconds
       FROM jobs GROUP BY kind`,
    );
    return QUEUE_NAMES.map((name) => {
      const { concurrency, attempts, backoffMs, timeoutMs } = QUEUES[name];
      const counts = counted.find(({ kind }) => kind === name);
      return {
        name,
        concurrency,
        attempts,
        backoff_seconds: backoffMs / 1000,
        timeout_seconds: timeoutMs / 1000,
        lock_seconds: lockMsOf(name, this.config) / 1000,
        waiting: counts?.waiting ?? 0,
        delayed: counts?.delayed ?? 0,
        running: counts?.running ?? 0,
        succeeded: counts?.succeeded ?? 0,
        failed: counts?.failed ?? 0,
        cancelled: counts?.cancelled ?? 0,
        dead_letters: counts?.dead_letters ?? 0,
        oldest_waiting_seconds: counts?.oldest_waiting_seconds ?? null,
      };
    });
  }

  /** Dead letters of a queue, latest first. @throws NotFoundError, InvalidRequestError */
  async deadLetters(name: string, { cursor, limit }: PageQuery): Promise<Page<DeadLetterDto>> {
    const kind = queueOf(name);
    const [at, id] = decodeCursor(cursor, 2) ?? [null, null];
    if (at !== null && !(/^\d{1,17}$/.test(String(at)) && /^[0-9a-f-]{36}$/.test(String(id))))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const rows = await this.dataSource.query<DeadLetterRow[]>(
      `SELECT id, payload, error, attempt, correlation_id, created_at, dead_lettered_at,
         (extract(epoch FROM dead_lettered_at) * 1000000)::bigint::text AS at
       FROM jobs WHERE kind = $1 AND state = 'failed' AND dead_lettered_at IS NOT NULL
         AND ($2::bigint IS NULL OR ((extract(epoch FROM dead_lettered_at) * 1000000)::bigint, id) < ($2, $3::uuid))
       ORDER BY dead_lettered_at DESC, id DESC LIMIT $4`,
      [kind, at, id, limit + 1],
    );
    return toPage(rows, limit, (row) => [row.at, row.id], deadLetter);
  }

  /**
   * Puts dead letters back to be tried anew, and lets the runs they belong to go on. One whose work has been asked for
   * again meanwhile stays.
   * @throws NotFoundError when there is no such queue
   */
  async redrive(name: string, jobIds: readonly string[] | undefined, actor: string): Promise<RedrivenDto> {
    const kind = queueOf(name);
    const again = await this.dataSource.transaction(async (manager) => {
      const dead = await manager.query<{ id: string }[]>(
        `SELECT id FROM jobs WHERE kind = $1 AND state = 'failed' AND dead_lettered_at IS NOT NULL
           AND ($2::uuid[] IS NULL OR id = ANY ($2))
         ORDER BY dead_lettered_at LIMIT $3 FOR UPDATE SKIP LOCKED`,
        [kind, jobIds ?? null, REDRIVE_LIMIT],
      );
      const jobs = await this.jobs.requeue(
        manager,
        dead.map(({ id }) => id),
      );
      if (jobs.length) {
        const after = { redriven: jobs.length, job_ids: jobs.map(({ id }) => id) };
        await this.audit.record({ actor, action: 'queue.redriven', entity: 'queue', entityId: name, after }, manager);
      }
      return jobs;
    });
    await this.workflows.reopen(again);
    await this.jobs.wakeAll(again);
    const [{ left }] = await this.dataSource.query<{ left: number }[]>(
      `SELECT count(*) AS left FROM jobs WHERE kind = $1 AND state = 'failed' AND dead_lettered_at IS NOT NULL`,
      [kind],
    );
    if (left === 0) await settleDeadLetters(this.alerts, kind);
    return { redriven: again.length, dead_letters: left };
  }
}

function queueOf(name: string): QueueName {
  if (!Object.hasOwn(QUEUES, name)) throw new NotFoundError('Queue');
  return name as QueueName;
}

function deadLetter(row: DeadLetterRow): DeadLetterDto {
  return {
    job_id: row.id,
    payload: row.payload,
    error: WorkflowErrorDto.of(row.error) as WorkflowErrorDto,
    attempts: row.attempt,
    correlation_id: row.correlation_id,
    created_at: row.created_at.toISOString(),
    dead_lettered_at: row.dead_lettered_at.toISOString(),
  };
}
