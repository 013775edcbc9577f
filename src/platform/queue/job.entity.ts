import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { QueueName } from './queues.ts';

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

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
  @Column('jsonb', { nullable: true }) error: { code: string; message: string } | null;
  @Column('int') attempt: number;
  @Column('boolean', { name: 'cancel_requested' }) cancelRequested: boolean;
  @Column('text', { nullable: true, name: 'correlation_id' }) correlationId: string | null;
  @Column('uuid', { nullable: true, name: 'created_by' }) createdBy: string | null;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'enqueued_at' }) enqueuedAt: Date;
  @Column('timestamptz', { nullable: true, name: 'started_at' }) startedAt: Date | null;
  @Column('timestamptz', { nullable: true, name: 'heartbeat_at' }) heartbeatAt: Date | null;
  @Column('timestamptz', { nullable: true, name: 'finished_at' }) finishedAt: Date | null;
}
