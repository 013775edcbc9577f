import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsUUID, Max, Min } from 'class-validator';
import { IfPresent, Text } from '../../platform/http/index.ts';

/** Periods of the ranking and their lengths in days. */
export const PERIOD_DAYS = { day: 1, week: 7, month: 30, quarter: 91, year: 365 } as const;
export type Period = keyof typeof PERIOD_DAYS;

/** Most products a ranking holds. */
export const MAX_RANKED = 500;

/** Which ranking is asked for. */
export class TopProductsQuery {
  @IfPresent()
  @IsIn(Object.keys(PERIOD_DAYS))
  time_period: Period = 'month';

  @IfPresent()
  @Text(1, 200)
  category?: string;

  @IfPresent()
  @IsUUID()
  location_id?: string;

  @IfPresent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_RANKED)
  limit: number = 10;
}

/** A product and its demand in the period. */
export class TopProductDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  /** Expected units in the period. */
  @ApiProperty() predicted_demand: number;
  /** Units sold in as many days before it. */
  @ApiProperty() previous_demand: number;
  /** Change from the one to the other in percent; null where nothing was sold before. */
  @ApiProperty({ type: Number, nullable: true }) trend_percent: number | null;
}

/** Products by expected demand, highest first. */
export class TopProductsDto {
  @ApiProperty({ type: [TopProductDto] }) products: TopProductDto[];
  /** Products in this answer. */
  @ApiProperty() total: number;
  /** When the forecasts were made; null while there are none. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) generated_at: string | null;
}
