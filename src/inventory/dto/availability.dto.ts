import { ApiProperty } from '@nestjs/swagger';
import { IsUUID } from 'class-validator';
import type { AvailabilityDay } from '../../forecasts/index.ts';
import { IsCivilDate } from '../../signals/index.ts';

/** Which days of which product at which place; at most 366 days. */
export class AvailabilityQuery {
  @IsUUID()
  product_id: string;

  @IsUUID()
  location_id: string;

  /** First day. */
  @IsCivilDate()
  from: string;

  /** Last day, included. */
  @IsCivilDate()
  to: string;
}

const STATES = ['sold', 'zero', 'out_of_stock', 'closed', 'not_listed', 'unknown'] as const;

/** What the sales of a day tell of the demand. */
export class AvailabilityDayDto {
  @ApiProperty({ format: 'date' }) date: string;
  @ApiProperty({ enum: STATES }) state: (typeof STATES)[number];
  @ApiProperty({ type: Number, nullable: true }) units_sold: number | null;
  /** What was sold or, out of stock, what is estimated to have been wanted; null where nothing is known. */
  @ApiProperty({ type: Number, nullable: true }) estimated_demand: number | null;

  static of({ date, state, sold, demand }: AvailabilityDay): AvailabilityDayDto {
    return { date, state, units_sold: sold, estimated_demand: demand };
  }
}

/** Days of a product at a place, up to the last day of sales. */
export class AvailabilityDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty({ format: 'uuid' }) location_id: string;
  @ApiProperty({ type: [AvailabilityDayDto] }) days: AvailabilityDayDto[];
}
