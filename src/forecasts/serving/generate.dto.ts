import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { IfPresent, Text } from '../../platform/http/index.ts';
import { MAX_HORIZON } from '../../engine/index.ts';
import { FORECAST_GRAINS, type ForecastGrain } from '../batch/batch-workflow.ts';
import { DEFAULT_HORIZON_DAYS } from '../requests.ts';

/** What to forecast; what is left out does not narrow. */
export class GenerateForecastsDto {
  @ApiProperty({ type: [String], format: 'uuid', required: false })
  @IfPresent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(10_000)
  @IsUUID(undefined, { each: true })
  product_ids?: string[];

  @ApiProperty({ required: false })
  @IfPresent()
  @Text(1, 200)
  category?: string;

  /** The locations of a product are forecast together: a place selects the products sold there. */
  @ApiProperty({ type: [String], format: 'uuid', required: false })
  @IfPresent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(10_000)
  @IsUUID(undefined, { each: true })
  location_ids?: string[];

  @ApiProperty({ required: false, minimum: 1, maximum: MAX_HORIZON, default: DEFAULT_HORIZON_DAYS })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(MAX_HORIZON)
  horizon_days?: number;

  /** Weeks are forecast of everything and eight whole ones ahead. */
  @ApiProperty({ enum: FORECAST_GRAINS, required: false, default: 'day' })
  @IfPresent()
  @IsIn(FORECAST_GRAINS)
  grain?: ForecastGrain;
}
