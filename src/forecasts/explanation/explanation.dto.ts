import { ApiProperty } from '@nestjs/swagger';
import { FORECAST_DRIVERS, type ForecastDriver } from '../../engine/index.ts';
import { IfPresent } from '../../platform/http/index.ts';
import { IsCivilDate } from '../../signals/index.ts';
import { PlaceQuery } from '../serving/accuracy.dto.ts';

/** Which forecast to explain: the place as elsewhere, and the day. */
export class ExplanationQuery extends PlaceQuery {
  /** Day forecast; the first one of the current forecast if absent. */
  @IfPresent()
  @IsCivilDate()
  date?: string;
}

/** What one driver adds to or takes from a forecast. */
export class ContributionDto {
  @ApiProperty({ enum: FORECAST_DRIVERS }) driver: ForecastDriver;
  /** Units; below 0 where it takes away. */
  @ApiProperty() units: number;
}

/** What the previous run forecast of the same day, and which drivers moved since. */
export class ForecastChangeDto {
  @ApiProperty({ format: 'uuid' }) run_id: string;
  @ApiProperty() model_version: string;
  /** Last day of sales it had seen. */
  @ApiProperty({ format: 'date' }) business_date: string;
  @ApiProperty() predicted_demand: number;
  /** Units by which the current forecast is above it. */
  @ApiProperty() change: number;
  /** Units by which each driver's contribution changed; they add up to `change`. */
  @ApiProperty({ type: [ContributionDto] }) contributions: ContributionDto[];
  @ApiProperty() same_model: boolean;
  /** Days of sales that the current forecast has seen and the previous one had not. */
  @ApiProperty() new_sales_days: number;
}

/** What drives the forecast of one day. */
export class ExplanationDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  @ApiProperty({ format: 'uuid' }) run_id: string;
  @ApiProperty() model_version: string;
  @ApiProperty({ format: 'date' }) business_date: string;
  @ApiProperty({ format: 'date' }) forecast_date: string;
  @ApiProperty() predicted_demand: number;
  /**
   * They add up to `predicted_demand`. `level` is the mean of the first week forecast, `trend` what later weeks are above
   * it, `weekday` what the day is above its week, `totals` the adjustment to the forecasts of the category's and the
   * location's totals, `demand_spike` what a spike of the last days leaves to be expected.
   */
  @ApiProperty({ type: [ContributionDto] }) contributions: ContributionDto[];
  /** Null where no earlier run forecast this day. */
  @ApiProperty({ type: ForecastChangeDto, nullable: true }) previous: ForecastChangeDto | null;
}
