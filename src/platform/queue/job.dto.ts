import { ApiProperty } from '@nestjs/swagger';
import type { Job, JobState } from './job.entity.ts';

/** How far a job is. */
export class JobProgressDto {
  /** 0 to 100. */
  @ApiProperty({ minimum: 0, maximum: 100 }) percent: number;
  @ApiProperty() step: string;
  @ApiProperty() message: string;
}

/** Why a job failed. */
export class JobErrorDto {
  @ApiProperty() code: string;
  @ApiProperty() message: string;
}

/** A long piece of work and how it stands. */
export class JobDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() kind: string;
  @ApiProperty({ enum: ['queued', 'running', 'succeeded', 'failed', 'cancelled'] }) state: JobState;
  @ApiProperty({ type: JobProgressDto }) progress: JobProgressDto;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) result: Record<string, unknown> | null;
  @ApiProperty({ type: JobErrorDto, nullable: true }) error: JobErrorDto | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finished_at: string | null;

  static of(job: Job): JobDto {
    return {
      id: job.id,
      kind: job.kind,
      state: job.state,
      progress: { percent: job.percent, step: job.step, message: job.message },
      result: job.result,
      error: job.error && { code: job.error.code, message: job.error.message },
      created_at: job.createdAt.toISOString(),
      started_at: job.startedAt?.toISOString() ?? null,
      finished_at: job.finishedAt?.toISOString() ?? null,
    };
  }
}

/** Answer to a request for long work. */
export class AcceptedJobDto {
  @ApiProperty({ format: 'uuid' }) job_id: string;
  @ApiProperty() status_url: string;

  static of(job: Pick<Job, 'id'>): AcceptedJobDto {
    return { job_id: job.id, status_url: `/api/v1/jobs/${job.id}` };
  }
}
