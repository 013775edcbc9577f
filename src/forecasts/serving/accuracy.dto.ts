import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import { IfPresent } from '../../platform/http/index.ts';
import type { LiveMeasures } from '../monitoring/measures-of-sums.ts';

/** The place asked about; without one, the sum over the locations. */
export class PlaceQuery {
  @IfPresent()
  @IsUUID()
  location_id?: string;
}

/** Mean pinball loss of one quantile. */
export class PinballDto {
  @ApiProperty({ example: 0.9 }) quantile: number;
  @ApiProperty() loss: number;
}

/** Accuracy on days whose sales became known after the forecast; null where a measure is not defined. */
export class LiveMeasuresDto implements LiveMeasures {
  /** Days of single series judged. */
  @ApiProperty() count: number;
  @ApiProperty({ type: Number, nullable: true }) mae: number | null;
  @ApiProperty({ type: Number, nullable: true }) rmse: number | null;
  @ApiProperty({ type: Number, nullable: true }) r2: number | null;
  /** Percent, over the days with sales. */
  @ApiProperty({ type: Number, nullable: true }) mape: number | null;
  @ApiProperty() mape_zero_actuals: number;
  @ApiProperty({ type: Number, nullable: true }) wape: number | null;
  /** (forecast - sales) / sales, in sums. */
  @ApiProperty({ type: Number, nullable: true }) bias: number | null;
  /** Share of the days inside P10..P90; 0.8 is aimed at. */
  @ApiProperty({ type: Number, nullable: true }) coverage: number | null;
  @ApiProperty({ type: [PinballDto] }) pinball: PinballDto[];
}

/** Accuracy over some days; null where a measure is not defined. */
export class MeasuresDto {
  /** Days judged. */
  @ApiProperty() count: number;
  @ApiProperty({ type: Number, nullable: true }) mae: number | null;
  @ApiProperty({ type: Number, nullable: true }) rmse: number | null;
  @ApiProperty({ type: Number, nullable: true }) r2: number | null;
  /** Percent, over the days with sales. */
  @ApiProperty({ type: Number, nullable: true }) mape: number | null;
  /** Days without sales, left out of MAPE. */
  @ApiProperty() mape_zero_actuals: number;
  /** Sum of the absolute errors over the sum of the sales. */
  @ApiProperty({ type: Number, nullable: true }) wape: number | null;
  /** (forecast - sales) / sales, in sums. */
  @ApiProperty({ type: Number, nullable: true }) bias: number | null;
  /** MAE over that of the seasonal naive forecast before the held-out days. */
  @ApiProperty({ type: Number, nullable: true }) mase: number | null;
  /** As in the M5 competition: scaled with the squared day-to-day differences before the held-out days. */
  @ApiProperty({ type: Number, nullable: true }) rmsse: number | null;
  @ApiProperty({ type: [PinballDto] }) pinball: PinballDto[];
  /** Share of the days inside P10..P90; 0.8 is aimed at. */
  @ApiProperty({ type: Number, nullable: true }) coverage: number | null;
  /** WAPE of last week's days repeated. */
  @ApiProperty({ type: Number, nullable: true }) seasonal_naive_wape: number | null;
}

/** Accuracy over the days `from_day`..`to_day` ahead, counted from 1. */
export class HorizonMeasuresDto extends MeasuresDto {
  @ApiProperty() from_day: number;
  @ApiProperty() to_day: number;
}

/** Accuracy of one model version. */
export class ModelAccuracyDto {
  @ApiProperty() model_version: string;
  @ApiProperty({ enum: ['candidate', 'champion', 'archived'] }) stage: string;
  /** First and last held-out day that was judged. */
  @ApiProperty({ format: 'date' }) hold_out_from: string;
  @ApiProperty({ format: 'date' }) hold_out_to: string;
  @ApiProperty({ type: MeasuresDto }) metrics: MeasuresDto;
  @ApiProperty({ type: [HorizonMeasuresDto] }) by_horizon: HorizonMeasuresDto[];
}

/** Accuracy of one model version on sales that became known after it had forecast them. */
export class ProductLiveAccuracyDto extends LiveMeasuresDto {
  @ApiProperty() model_version: string;
  /** First and last day judged. */
  @ApiProperty({ format: 'date' }) from: string;
  @ApiProperty({ format: 'date' }) to: string;
}

/** Accuracy of a product's forecasts by model version, newest first. */
export class AccuracyDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  /** Version whose measures stand first: the champion's, else the newest. */
  @ApiProperty({ type: String, nullable: true }) model_version: string | null;
  @ApiProperty({ type: MeasuresDto, nullable: true }) metrics: MeasuresDto | null;
  @ApiProperty({ type: [HorizonMeasuresDto] }) by_horizon: HorizonMeasuresDto[];
  @ApiProperty({ type: [ModelAccuracyDto] }) models: ModelAccuracyDto[];
  /**
   * How published forecasts did on the last ninety days of sales, by model version, newest first; without a location, over
   * the days of all its places. Days that ended without stock are left out.
   */
  @ApiProperty({ type: [ProductLiveAccuracyDto] }) live: ProductLiveAccuracyDto[];
}
