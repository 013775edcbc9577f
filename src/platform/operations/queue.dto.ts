import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsUUID } from 'class-validator';
import { IfPresent } from '../http/index.ts';
import { WorkflowErrorDto } from './workflow.dto.ts';

/** How a queue runs its jobs, and how many stand where. */
export class QueueDto {
  @ApiProperty() name: string;
  /** Jobs one worker runs at a time. */
  @ApiProperty({ type: 'integer' }) concurrency: number;
  /** Tries a job has before it is a dead letter. */
  @ApiProperty({ type: 'integer' }) attempts: number;
  /** First pause before another try; doubles each time, with jitter. */
  @ApiProperty() backoff_seconds: number;
  /** Longest one try may take. */
  @ApiProperty() timeout_seconds: number;
  /** Silence after which a worker is taken for dead. */
  @ApiProperty() lock_seconds: number;
  /** Due and not begun. */
  @ApiProperty({ type: 'integer' }) waiting: number;
  /** Failed and paused before another try. */
  @ApiProperty({ type: 'integer' }) delayed: number;
  @ApiProperty({ type: 'integer' }) running: number;
  @ApiProperty({ type: 'integer' }) succeeded: number;
  /** Refused and dead letters. */
  @ApiProperty({ type: 'integer' }) failed: number;
  @ApiProperty({ type: 'integer' }) cancelled: number;
  /** Failed jobs that used up their attempts. */
  @ApiProperty({ type: 'integer' }) dead_letters: number;
  /** Age of the job that has been due for longest; null = nothing waits. */
  @ApiProperty({ type: Number, nullable: true }) oldest_waiting_seconds: number | null;
}

/** All queues. */
export class QueueListDto {
  @ApiProperty({ type: [QueueDto] }) items: QueueDto[];
}

/** A job that used up its attempts. */
export class DeadLetterDto {
  @ApiProperty({ format: 'uuid' }) job_id: string;
  @ApiProperty({ type: 'object', additionalProperties: true }) payload: Record<string, unknown>;
  @ApiProperty({ type: WorkflowErrorDto }) error: WorkflowErrorDto;
  /** Attempts begun, the ones handed back included. */
  @ApiProperty({ type: 'integer' }) attempts: number;
  @ApiProperty({ type: String, nullable: true }) correlation_id: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ format: 'date-time' }) dead_lettered_at: string;
}

/** A page of dead letters, latest first. */
export class DeadLetterPageDto {
  @ApiProperty({ type: [DeadLetterDto] }) items: DeadLetterDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** Which dead letters to put back. */
export class RedriveDto {
  /** Left out = all of the queue, at most 1000 at a time. */
  @ApiPropertyOptional({ type: [String], format: 'uuid', minItems: 1, maxItems: 1000 })
  @IfPresent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  job_ids?: string[];
}

/** What came of it. */
export class RedrivenDto {
  /** Jobs put back. */
  @ApiProperty({ type: 'integer' }) redriven: number;
  /** Dead letters that are left in the queue. */
  @ApiProperty({ type: 'integer' }) dead_letters: number;
}
