import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional, IsUUID, Matches } from 'class-validator';
import { PageQuery } from '../../platform/http/index.ts';
import { GapDto } from './upload.dto.ts';

const DAY = /^(19[7-9]\d|2\d{3})-\d{2}-\d{2}$/;

/** Lengths of time that history may be summed to; weeks start on Monday. */
export const GRAINS = ['day', 'week', 'month'] as const;
export type Grain = (typeof GRAINS)[number];

/** Which part of a product's history is asked for. */
export class SalesHistoryQuery extends PageQuery {
  /** One location; without it the sum over all. */
  @IsOptional()
  @IsUUID()
  location_id?: string;

  /** First day. */
  @IsOptional()
  @Matches(DAY, { message: 'from must be a day written yyyy-mm-dd' })
  @IsISO8601({ strict: true }, { message: 'from must be an existing day' })
  from?: string;

  /** Last day. */
  @IsOptional()
  @Matches(DAY, { message: 'to must be a day written yyyy-mm-dd' })
  @IsISO8601({ strict: true }, { message: 'to must be an existing day' })
  to?: string;

  @IsOptional()
  @IsIn(GRAINS)
  grain: Grain = 'day';
}

/** Sales of a product on a day, or in the week or month that starts on it. */
export class SalesPointDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  @ApiProperty({ format: 'date' }) date: string;
  @ApiProperty() quantity_sold: number;
  @ApiProperty({ type: Number, nullable: true }) revenue: number | null;
  /** Price of a unit; over several rows the average paid. */
  @ApiProperty({ type: Number, nullable: true }) price: number | null;
  @ApiProperty({ format: 'date-time' }) created_at: string;
}

/** Page of a product's history, oldest first. */
export class SalesHistoryPageDto {
  @ApiProperty({ type: [SalesPointDto] }) items: SalesPointDto[];
  /** Months of the range, written yyyy-mm, whose sales are archived and therefore not among the items. */
  @ApiProperty({ type: [String] }) archived_months: string[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}

/** All sales in a few numbers. */
export class SalesSummaryDto {
  @ApiProperty({ type: String, format: 'date', nullable: true }) business_date: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) first_date: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) last_date: string | null;
  @ApiProperty() total_quantity: number;
  @ApiProperty() total_revenue: number;
  @ApiProperty() rows: number;
  @ApiProperty() products: number;
  @ApiProperty() locations: number;
  /** Pairs of product and location with sales. */
  @ApiProperty() series: number;
  /** Rows with a quantity of 0, 0 to 1. */
  @ApiProperty() zero_share: number;
  /** Days without any row between the first and the last. */
  @ApiProperty() gap_days: number;
  /** The first twenty stretches of such days. */
  @ApiProperty({ type: [GapDto] }) gaps: GapDto[];
}
