import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { QueueName } from './queues.ts';

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Why an attempt failed: `message` is meant for whoever asked for the job, `detail` for administrators. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
}

/** One long piece of work. The row is the truth; the queue only wakes workers. */
@Entity({ name: 'jobs' })
export class Job {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column('text') kind: QueueName;
  @Column('text') state: JobState;
  @Column('jsonb') payload: Record<string, unknown>;
  @Column('text', { nullable: true, name: 'dedupe_key' }) dedupeKey: string | null;
  @Column('smallint') percent: number;
  @Column('text') step: string;
  @Column('text') message: string;
  @Column('jsonb', { nullable: true }) result: Record<string, unknown> | null;
  @Column('jsonb', { nullable: true }) error: JobError | null;
  /** Number of the latest attempt: what each of its writes is fenced by. */
  @Column('int') attempt: number;
  /** Attempts that failed, as opposed to those handed back by a worker that was told to end. */
  @Column('int') failures: number;
  /** Attempts whose worker fell silent. */
  @Column('int') losses: number;
  /** What an attempt left for the next one to go on from. */
  @Column('jsonb', { nullable: true }) checkpoint: unknown;
  /** When the job used up its attempts. */
  @Column('timestamptz', { nullable: true, name: 'dead_lettered_at' }) deadLetteredAt: Date | null;
  @Column('boolean', { name: 'cancel_requested' }) cancelRequested: boolean;
  @Column('text', { nullable: true, name: 'correlation_id' }) correlationId: string | null;
  @Column('uuid', { nullable: true, name: 'created_by' }) createdBy: string | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt: Date;
  /** When it became, or after a failure becomes, due. */
  @Column('timestamptz', { name: 'enqueued_at' }) enqueuedAt: Date;
  @Column('timestamptz', { nullable: true, name: 'started_at' }) startedAt: Date | null;
  @Column('timestamptz', { nullable: true, name: 'heartbeat_at' }) heartbeatAt: Date | null;
  @Column('timestamptz', { nullable: true, name: 'finished_at' }) finishedAt: Date | null;
}
