import { ApiProperty } from '@nestjs/swagger';

/** Weight of a member in the ensemble. */
export class MemberWeightDto {
  @ApiProperty({ example: 'boosted' }) member: string;
  @ApiProperty({ minimum: 0, maximum: 1 }) weight: number;
}

/** One day by member. */
export class ComponentPointDto {
  @ApiProperty({ format: 'date' }) forecast_date: string;
  /** The ensemble's forecast. */
  @ApiProperty() predicted_demand: number;
  /** Each member's own forecast. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'number' } }) members: Record<string, number>;
}

/** What the ensemble's members forecast. */
export class ComponentsDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) location_id: string | null;
  @ApiProperty({ format: 'uuid' }) run_id: string;
  @ApiProperty() model_version: string;
  /** Group of series whose weights apply; null for the sum over locations, whose series have weights of their own. */
  @ApiProperty({ type: String, nullable: true }) segment: string | null;
  @ApiProperty({ type: [MemberWeightDto] }) weights: MemberWeightDto[];
  @ApiProperty({ type: [ComponentPointDto] }) points: ComponentPointDto[];
}
