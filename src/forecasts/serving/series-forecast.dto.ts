import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsUUID } from 'class-validator';
import { IfPresent } from '../../platform/http/index.ts';
import { SUFFICIENCY_NAMES, type Sufficiency } from '../../engine/index.ts';
import { IsCivilDate } from '../../signals/index.ts';
import { FORECAST_GRAINS, type ForecastGrain } from '../batch/batch-workflow.ts';

/** Which part of a product's forecast is asked for. */
export class SeriesForecastQuery {
  @IfPresent()
  @IsUUID()
  location_id?: string;

  @IfPresent()
  @IsCivilDate()
  from?: string;

  @IfPresent()
  @IsCivilDate()
  to?: string;

  @IfPresent()
  @IsCivilDate()
  as_of?: string;

  /** Days, or whole weeks from Monday to Sunday. */
  @ApiProperty({ enum: FORECAST_GRAINS, required: false, default: 'day' })
  @IfPresent()
  @IsIn(FORECAST_GRAINS)
  grain?: ForecastGrain;
}

/** An interval and the probability with which it shall contain the demand. */
export class ConfidenceIntervalDto {
  @ApiProperty() lower: number;
  @ApiProperty() upper: number;
  @ApiProperty({ example: 0.8 }) level: number;
}

/** Forecast of one day or week. */
export class ForecastPointDto {
  /** The day, or the Monday on which the week begins. */
  @ApiProperty({ format: 'date' }) forecast_date: string;
  /** Expected units; adds up over products, places and days. */
  @ApiProperty() predicted_demand: number;
  @ApiProperty() p10: number;
  @ApiProperty() p50: number;
  @ApiProperty() p90: number;
  @ApiProperty({ type: ConfidenceIntervalDto }) confidence_interval: ConfidenceIntervalDto;
  /**
   * 0 to 1: one less the width of the interval, (p90 - p10) / (p90 - p10 + 2 x predicted_demand), times nominal over
   * measured coverage (0.5 to 2) of such intervals on the days held out.
   */
  @ApiProperty({ minimum: 0, maximum: 1 }) confidence_score: number;
  /** Units a planner has put in the forecast's place. */
  @ApiProperty({ type: Number, nullable: true }) override: number | null;
  /** Alias of `predicted_demand`. */
  @ApiProperty() forecast_val: number;
  /** Alias of `p10`. */
  @ApiProperty() confidence_lower: number;
  /** Alias of `p90`. */
  @ApiProperty() confidence_upper: number;
}

/** Forecast of a product at a location, or of the sum over its locations. */
export class SeriesForecastDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  /** Null for the sum over the locations. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  /** Null where the forecast was made for this request and is not stored. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) run_id: string | null;
  @ApiProperty() model_version: string;
  @ApiProperty({ format: 'date-time' }) generated_at: string;
  /** What each point stands for: a day, or a whole week from Monday to Sunday. */
  @ApiProperty({ enum: FORECAST_GRAINS }) grain: ForecastGrain;
  /** How much history stands behind the forecast. */
  @ApiProperty({ enum: SUFFICIENCY_NAMES }) data_sufficiency: Sufficiency;
  /**
   * What the forecast had to do without: `prices` where no sale of the last four weeks has one, `events` where the calendar
   * holds nothing past the last day of sales, `location_totals` where the totals of the locations were too much to read for one
   * request, `horizon` where days were asked for that are not forecast.
   */
  @ApiProperty({ type: [String] }) degraded: string[];
  @ApiProperty({ type: [ForecastPointDto] }) points: ForecastPointDto[];
}

/** One day or week of a stored forecast. */
export interface StoredDay {
  readonly date: string;
  readonly mean: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly confidence: number;
}

/** Presents one day. */
export function pointOf({ date, mean, p10, p50, p90, confidence }: StoredDay): ForecastPointDto {
  return {
    forecast_date: date,
    predicted_demand: mean,
    p10,
    p50,
    p90,
    confidence_interval: { lower: p10, upper: p90, level: 0.8 },
    confidence_score: confidence,
    override: null,
    forecast_val: mean,
    confidence_lower: p10,
    confidence_upper: p90,
  };
}
