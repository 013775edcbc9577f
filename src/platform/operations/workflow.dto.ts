import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { PageQuery, Text } from '../http/index.ts';
import { stepPercent } from '../workflow/index.ts';
import type { RunState, RunView, ShardView, StepState } from '../workflow/index.ts';

const RUN_STATES = ['running', 'succeeded', 'failed', 'cancelled'] as const;
const STEP_STATES = ['pending', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;

/** Filters of the list of runs. */
export class WorkflowQuery extends PageQuery {
  /** Name of the workflow. */
  @IsOptional()
  @Text(1, 100)
  name?: string;

  @ApiPropertyOptional({ enum: RUN_STATES })
  @IsOptional()
  @IsIn(RUN_STATES)
  state?: RunState;
}

/** Why a run, or a shard of a step, failed. */
export class WorkflowErrorDto {
  @ApiProperty() code: string;
  @ApiProperty() message: string;
  /** What the code said itself, where `message` is kept general. */
  @ApiProperty({ type: String, nullable: true }) detail: string | null;

  static of(error: { code: string; message: string; detail?: string } | null): WorkflowErrorDto | null {
    return error && { code: error.code, message: error.message, detail: error.detail ?? null };
  }
}

/** A run of a workflow. */
export class WorkflowRunDto {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: RUN_STATES }) state: RunState;
  /** How a run that succeeded ended: `completed`, or why a step skipped the rest. */
  @ApiProperty({ type: String, nullable: true }) outcome: string | null;
  /** 0 to 100, by the weights of the steps. */
  @ApiProperty({ minimum: 0, maximum: 100 }) percent: number;
  /** Steps at work. */
  @ApiProperty() step: string;
  @ApiProperty({ type: WorkflowErrorDto, nullable: true }) error: WorkflowErrorDto | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) created_by: string | null;
  @ApiProperty({ type: String, nullable: true }) correlation_id: string | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finished_at: string | null;

  static of({ run, percent, step }: RunView): WorkflowRunDto {
    return {
      id: run.id,
      name: run.name,
      state: run.state,
      outcome: run.outcome,
      percent,
      step,
      error: WorkflowErrorDto.of(run.error),
      created_by: run.created_by,
      correlation_id: run.correlation_id,
      created_at: run.created_at.toISOString(),
      finished_at: run.finished_at?.toISOString() ?? null,
    };
  }
}

/** A page of runs, latest first. */
export class WorkflowRunPageDto {
  @ApiProperty({ type: [WorkflowRunDto] }) items: WorkflowRunDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** One shard of a step. */
export class WorkflowShardDto {
  /** From 0. */
  @ApiProperty({ type: 'integer' }) shard: number;
  @ApiProperty({ enum: STEP_STATES }) state: StepState;
  /** Attempts begun. */
  @ApiProperty({ type: 'integer' }) attempts: number;
  @ApiProperty({ minimum: 0, maximum: 100 }) percent: number;
  @ApiProperty() message: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) job_id: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) started_at: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) finished_at: string | null;
  /** From the first attempt to the end, or until now. */
  @ApiProperty({ type: Number, nullable: true }) duration_seconds: number | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) descriptor: Record<
    string,
    unknown
  > | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) output: Record<string, unknown> | null;
  /** Of the latest attempt, which may be about to be made up for. */
  @ApiProperty({ type: WorkflowErrorDto, nullable: true }) error: WorkflowErrorDto | null;

  static of(shard: ShardView): WorkflowShardDto {
    return {
      shard: shard.shard,
      state: shard.state,
      attempts: shard.attempts,
      percent: shard.percent,
      message: shard.message,
      job_id: shard.job_id,
      started_at: shard.started_at?.toISOString() ?? null,
      finished_at: shard.finished_at?.toISOString() ?? null,
      duration_seconds: shard.duration_seconds,
      descriptor: shard.descriptor,
      output: shard.output,
      error: WorkflowErrorDto.of(shard.error),
    };
  }
}

/** One step of a run: a node of its graph. */
export class WorkflowStepDto {
  @ApiProperty() step: string;
  @ApiProperty() queue: string;
  /** Steps this one waits for. */
  @ApiProperty({ type: [String] }) after: string[];
  /** Whether it has a shard for each descriptor that the step before returned. */
  @ApiProperty() fans_out: boolean;
  /** Share of the run's progress, relative to the other steps. */
  @ApiProperty() weight: number;
  @ApiProperty() percent: number;
  @ApiProperty({ type: [WorkflowShardDto] }) shards: WorkflowShardDto[];
}

/** A run with its graph. */
export class WorkflowRunDetailDto extends WorkflowRunDto {
  @ApiProperty({ type: 'object', additionalProperties: true }) input: Record<string, unknown>;
  /** Output of the last step that succeeded. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) result: Record<string, unknown> | null;
  /** In an order in which no step comes before one it waits for. */
  @ApiProperty({ type: [WorkflowStepDto] }) steps: WorkflowStepDto[];

  static override of(view: RunView): WorkflowRunDetailDto {
    return {
      ...WorkflowRunDto.of(view),
      input: view.run.input,
      result: view.run.result,
      steps: view.run.shape.map(({ step, queue, after, fromParent, weight }) => {
        const shards = view.shards.filter((shard) => shard.step === step);
        return {
          step,
          queue,
          after: [...after],
          fans_out: fromParent,
          weight,
          percent: Math.floor(stepPercent(shards)),
          shards: shards.map(WorkflowShardDto.of),
        };
      }),
    };
  }
}
