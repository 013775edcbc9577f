import { ApiProperty } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsCivilDate } from '../../signals/index.ts';
import { ReportQuery } from './report.dto.ts';

/** Which forecasts to sum; without days the whole forecast. */
export class ForecastSummaryQuery extends ReportQuery {
  /** First day. */
  @IsOptional()
  @IsCivilDate()
  from?: string;

  /** Last day, included. */
  @IsOptional()
  @IsCivilDate()
  to?: string;
}

/** Predicted demand beside the actual demand of as many days before. */
export class SummaryFiguresDto {
  /** Expected units. */
  @ApiProperty() predicted_demand: number;
  /** Units sold in the previous period; null where the history does not cover it. */
  @ApiProperty({ type: Number, nullable: true }) previous_demand: number | null;
  @ApiProperty({ type: Number, nullable: true }) trend_percent: number | null;
}

/** A calendar week, as far as it lies in the range. */
export class SummaryWeekDto extends SummaryFiguresDto {
  /** Monday of the week. */
  @ApiProperty({ format: 'date' }) week_start: string;
  @ApiProperty({ format: 'date' }) from: string;
  @ApiProperty({ format: 'date' }) to: string;
}

/** Sums over products, with their weeks. */
export class SummaryTotalsDto extends SummaryFiguresDto {
  @ApiProperty({ type: 'integer' }) products: number;
  @ApiProperty({ type: [SummaryWeekDto] }) weeks: SummaryWeekDto[];
}

/** The products of one category. */
export class CategorySummaryDto extends SummaryTotalsDto {
  @ApiProperty() category: string;
}

/** One product. P10 and P90 are those of its whole demand in the range; null where they are not known for the sum. */
export class ProductSummaryDto extends SummaryFiguresDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  @ApiProperty({ type: Number, nullable: true }) p10: number | null;
  @ApiProperty({ type: Number, nullable: true }) p90: number | null;
  /** Run of the product's current forecast. */
  @ApiProperty({ format: 'uuid' }) run_id: string;
}

/** The forecasts summed by category and week, and a page of products, the largest demand first. */
export class ForecastSummaryDto {
  /** Newest run among the forecasts; null, like all that describes it, before the first forecast. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) run_id: string | null;
  @ApiProperty({ type: String, nullable: true }) model_version: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) generated_at: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) business_date: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) from: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) to: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) previous_from: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) previous_to: string | null;
  @ApiProperty({ type: SummaryTotalsDto }) totals: SummaryTotalsDto;
  @ApiProperty({ type: [CategorySummaryDto] }) categories: CategorySummaryDto[];
  @ApiProperty({ type: [ProductSummaryDto] }) items: ProductSummaryDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}
