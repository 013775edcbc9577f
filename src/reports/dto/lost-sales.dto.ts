import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsCivilDate } from '../../signals/index.ts';
import { ReportQuery } from './report.dto.ts';

/** Which lost sales to add up. The JSON holds the dearest `limit`, a CSV all. */
export class LostSalesQuery extends OmitType(ReportQuery, ['cursor'] as const) {
  /** First day. */
  @IsCivilDate()
  from: string;

  /** Last day, included. */
  @IsCivilDate()
  to: string;
}

/** What empty shelves cost of a product at a place. */
export class LostSalesRowDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  @ApiProperty({ format: 'uuid' }) location_id: string;
  @ApiProperty() location_code: string;
  /** Days that ended with an empty shelf. */
  @ApiProperty({ type: 'integer' }) stockout_days: number;
  /** Units sold on these days, and units estimated to have been wanted. */
  @ApiProperty() units_sold: number;
  @ApiProperty() estimated_demand: number;
  @ApiProperty() lost_units: number;
  /** In the deployment's currency; null where no price is known. */
  @ApiProperty({ type: Number, nullable: true }) lost_revenue: number | null;
}

/** Lost sales, the dearest first, and the sums of all of them. */
export class LostSalesDto {
  @ApiProperty({ format: 'date' }) from: string;
  @ApiProperty({ format: 'date' }) to: string;
  @ApiProperty({ type: 'integer' }) stockout_days: number;
  @ApiProperty() lost_units: number;
  @ApiProperty() lost_revenue: number;
  @ApiProperty({ type: [LostSalesRowDto] }) items: LostSalesRowDto[];
}
