import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { IfPresent, PageQuery } from '../../platform/http/index.ts';
import { IsCivilDate } from '../../signals/index.ts';
import { SignalGainDto } from '../ablation/ablation.dto.ts';
import type { LiveAccuracy } from './live-accuracy.ts';

/** Which days that nobody expected to list. */
export class AnomalyQuery extends PageQuery {
  @IfPresent()
  @IsCivilDate()
  from?: string;

  @IfPresent()
  @IsCivilDate()
  to?: string;

  @IfPresent()
  @IsUUID()
  product_id?: string;

  @IfPresent()
  @IsUUID()
  location_id?: string;
}

/** A day on which a series sold what its forecast did not expect. */
export class AnomalyDto {
  @ApiProperty({ format: 'date' }) date: string;
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty({ format: 'uuid' }) location_id: string;
  /** `outlier`: outside P1 to P99; `streak`: the third day in a row outside P10 to P90 on one side. */
  @ApiProperty({ enum: ['outlier', 'streak'] }) kind: string;
  @ApiProperty({ enum: ['above', 'below'] }) side: string;
  @ApiProperty() actual: number;
  @ApiProperty() predicted_demand: number;
  /** Bounds that were left: P1 and P99, or P10 and P90. */
  @ApiProperty() lower: number;
  @ApiProperty() upper: number;
}

export class AnomalyPageDto {
  @ApiProperty({ type: [AnomalyDto] }) items: AnomalyDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** How a version did on days that were over after it had forecast them. */
export class LiveAccuracyDto {
  /** Name of the part: a segment, a range of days ahead, a business date. */
  @ApiProperty() part: string;
  @ApiProperty() count: number;
  @ApiProperty() units: number;
  @ApiProperty({ type: Number, nullable: true }) wape: number | null;
  @ApiProperty({ type: Number, nullable: true }) bias: number | null;
  @ApiProperty({ type: Number, nullable: true }) mae: number | null;
  @ApiProperty({ type: Number, nullable: true }) rmse: number | null;
  @ApiProperty({ type: Number, nullable: true }) coverage: number | null;
  @ApiProperty({ type: Number, nullable: true }) pinball: number | null;

  static of({ key, ...measures }: LiveAccuracy & { key: string }): LiveAccuracyDto {
    return { part: key || 'all', ...measures };
  }
}

export class VersionAccuracyDto {
  @ApiProperty() model_version: string;
  @ApiProperty({ type: LiveAccuracyDto, nullable: true }) overall: LiveAccuracyDto | null;
  @ApiProperty({ type: [LiveAccuracyDto] }) by_segment: LiveAccuracyDto[];
  @ApiProperty({ type: [LiveAccuracyDto] }) by_horizon: LiveAccuracyDto[];
  @ApiProperty({ type: [LiveAccuracyDto] }) by_vintage: LiveAccuracyDto[];
  /** What each group of signals gains; empty until it was measured. */
  @ApiProperty({ type: [SignalGainDto] }) signals: SignalGainDto[];
}
