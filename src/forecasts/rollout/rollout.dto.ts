import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsNumber, Max, Min } from 'class-validator';
import { IfPresent } from '../../platform/http/index.ts';
import { ROLLOUT_STATES } from './rollout.store.ts';
import type { RolloutEventRow, RolloutRow, RolloutState } from './rollout.store.ts';
import { STRATEGIES } from './rollout.service.ts';
import type { Strategy } from './rollout.service.ts';

/** How a version comes to forecast. */
export class PromoteModelDto {
  /** At once; or on 5, 25 and 100 % of the products as it proves itself; or unseen beside the champion first. */
  @ApiProperty({ required: false, enum: STRATEGIES, default: 'immediate' })
  @IfPresent()
  @IsIn(STRATEGIES)
  strategy?: Strategy;
}

/** The stage a rollout is expected to leave. */
export class AdvanceRolloutDto {
  /** Percent of the products it stands at; refused where it has moved on meanwhile. */
  @ApiProperty({ required: false, type: Number, minimum: 0, maximum: 100 })
  @IfPresent()
  @IsNumber()
  @Min(0)
  @Max(100)
  from_percent?: number;
}

/** A version on its way to replace the champion. */
export class RolloutDto {
  @ApiProperty({ format: 'uuid' }) rollout_id: string;
  @ApiProperty({ enum: ROLLOUT_STATES }) state: RolloutState;
  /** Percent of the products that the candidate forecasts. */
  @ApiProperty() share_percent: number;
  @ApiProperty() candidate_version: string;
  @ApiProperty() champion_version: string;
  /** Business date on which the stage began. */
  @ApiProperty({ format: 'date' }) stage_since: string;
  /** Why it stands where it stands. */
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty() started_by: string;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) ended_at: string | null;

  static of(row: RolloutRow): RolloutDto {
    return {
      rollout_id: row.rolloutId,
      state: row.state,
      share_percent: row.share * 100,
      candidate_version: row.candidateVersion,
      champion_version: row.championVersion,
      stage_since: row.stageSince,
      reason: row.reason,
      started_by: row.startedBy,
      created_at: row.createdAt.toISOString(),
      ended_at: row.endedAt?.toISOString() ?? null,
    };
  }
}

/** One step of a rollout. */
export class RolloutEventDto {
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty() actor: string;
  @ApiProperty() action: string;
  @ApiProperty({ enum: ROLLOUT_STATES }) state: RolloutState;
  @ApiProperty() share_percent: number;
  @ApiProperty() reason: string;
  /** What both versions did on the days looked at. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) measures: Record<string, unknown> | null;

  static of(row: RolloutEventRow): RolloutEventDto {
    const { at, actor, action, state, share, reason, measures } = row;
    return { at: at.toISOString(), actor, action, state, share_percent: share * 100, reason, measures };
  }
}

export class RolloutDetailDto extends RolloutDto {
  @ApiProperty({ type: [RolloutEventDto] }) events: RolloutEventDto[];
}

export class RolloutPageDto {
  @ApiProperty({ type: [RolloutDto] }) items: RolloutDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** What a promotion has begun: a rollout, or the job that forecasts from the latest sales. */
export class PromotionDto {
  @ApiProperty({ type: RolloutDto, nullable: true }) rollout: RolloutDto | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) job_id: string | null;
  @ApiProperty({ type: String, nullable: true }) status_url: string | null;
}
