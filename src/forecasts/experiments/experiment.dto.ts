import { ApiProperty } from '@nestjs/swagger';
import { IsNumber, IsOptional, Max, Min } from 'class-validator';
import type { Estimate } from '../../engine/index.ts';
import { IfPresent, Text } from '../../platform/http/index.ts';
import { RolloutDto, RolloutEventDto } from '../rollout/rollout.dto.ts';
import { ROLLOUT_STATES } from '../rollout/rollout.store.ts';
import type { RolloutEventRow, RolloutRow, RolloutState } from '../rollout/rollout.store.ts';
import type { ArmReport, PairedReport } from './compare-arms.ts';
import type { ExperimentReport } from './experiments.service.ts';

/** A version to compare with the champion. */
export class StartExperimentDto {
  /** Version b; the champion is version a. */
  @Text(1, 200)
  version: string;

  /** Percent of the products that version b serves while it lasts. */
  @ApiProperty({ required: false, minimum: 1, maximum: 99, default: 50 })
  @IfPresent()
  @IsNumber()
  @Min(1)
  @Max(99)
  share_percent?: number;

  @ApiProperty({ required: false })
  @IsOptional()
  @Text(1, 200)
  name?: string;
}

/** A measure with its 95 % interval. */
export class EstimateDto {
  @ApiProperty() value: number;
  @ApiProperty() low: number;
  @ApiProperty() high: number;
}

/** One version on the products it serves. */
export class ArmDto {
  @ApiProperty() version: string;
  @ApiProperty({ type: 'integer' }) products: number;
  @ApiProperty({ type: 'integer' }) series: number;
  /** Days of single series. */
  @ApiProperty({ type: 'integer' }) pairs: number;
  /** Units sold on them. */
  @ApiProperty() units: number;
  @ApiProperty({ type: EstimateDto, nullable: true }) wape: EstimateDto | null;
  @ApiProperty({ type: Number, nullable: true }) bias: number | null;
  @ApiProperty({ type: Number, nullable: true }) coverage: number | null;
}

/** Both versions on the same days of all products. */
export class PairedDto {
  @ApiProperty({ type: 'integer' }) products: number;
  @ApiProperty() wape_a: number;
  @ApiProperty() wape_b: number;
  /** WAPE of b less that of a, with its bootstrap interval: below 0 where b is better. */
  @ApiProperty({ type: EstimateDto }) difference: EstimateDto;
  /** Of the two-sided sign-flip randomisation test over products. */
  @ApiProperty() p_value: number;
  /** At 5 %. */
  @ApiProperty({ enum: ['a', 'b', 'undecided'] }) better: 'a' | 'b' | 'undecided';
}

/** Two versions side by side. Products are split by a stable hash of the experiment and the SKU. */
export class ExperimentDto {
  @ApiProperty({ format: 'uuid' }) experiment_id: string;
  @ApiProperty({ type: String, nullable: true }) name: string | null;
  /** `shadow` until version b has forecast, then `testing`; `rolled_back` when b did harm. */
  @ApiProperty({ enum: ROLLOUT_STATES }) state: RolloutState;
  @ApiProperty() share_percent: number;
  @ApiProperty() version_a: string;
  @ApiProperty() version_b: string;
  /** What is sold after this day is compared. */
  @ApiProperty({ format: 'date' }) since: string;
  @ApiProperty({ type: String, nullable: true }) reason: string | null;
  @ApiProperty() started_by: string;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) ended_at: string | null;

  static of(row: RolloutRow): ExperimentDto {
    const { reason, started_by, created_at, ended_at, state } = RolloutDto.of(row);
    return {
      experiment_id: row.rolloutId,
      name: row.name,
      state,
      share_percent: Math.round((row.targetShare ?? 0) * 1e4) / 100,
      version_a: row.championVersion,
      version_b: row.candidateVersion,
      since: row.stageSince,
      reason,
      started_by,
      created_at,
      ended_at,
    };
  }
}

/** An experiment with what it has shown so far. */
export class ExperimentReportDto extends ExperimentDto {
  /** Days with sales. */
  @ApiProperty({ type: 'integer' }) days: number;
  @ApiProperty({ type: ArmDto }) arm_a: ArmDto;
  @ApiProperty({ type: ArmDto }) arm_b: ArmDto;
  /** Null before anything was sold. */
  @ApiProperty({ type: PairedDto, nullable: true }) paired: PairedDto | null;
  @ApiProperty({ type: [RolloutEventDto] }) events: RolloutEventDto[];

  static with(row: RolloutRow, events: readonly RolloutEventRow[], report: ExperimentReport): ExperimentReportDto {
    return {
      ...ExperimentDto.of(row),
      days: report.days,
      arm_a: armDto(row.championVersion, report.a),
      arm_b: armDto(row.candidateVersion, report.b),
      paired: report.paired && pairedDto(report.paired),
      events: events.map(RolloutEventDto.of),
    };
  }
}

/** A page of experiments, latest first. */
export class ExperimentPageDto {
  @ApiProperty({ type: [ExperimentDto] }) items: ExperimentDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

function estimateDto({ value, low, high }: Estimate): EstimateDto {
  return { value, low, high };
}

function armDto(version: string, { wape, ...arm }: ArmReport): ArmDto {
  return { version, ...arm, wape: wape && estimateDto(wape) };
}

function pairedDto({ products, wapeA, wapeB, difference, pValue, better }: PairedReport): PairedDto {
  return { products, wape_a: wapeA, wape_b: wapeB, difference: estimateDto(difference), p_value: pValue, better };
}
