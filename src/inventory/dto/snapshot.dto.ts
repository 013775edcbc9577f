import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, IsUUID, Max, Min } from 'class-validator';
import { IfPresent, Text } from '../../platform/http/index.ts';
import { MAX_UNITS } from './stock.dto.ts';

const FINITE = { allowNaN: false, allowInfinity: false } as const;

/** A count of one product at one place: name the product by `sku` or `product_id`, the place by `location` or `location_id`. */
export class SnapshotRowDto {
  @IfPresent()
  @Text(1, 200)
  sku?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IfPresent()
  @IsUUID()
  product_id?: string;

  /** Code of the location. */
  @IfPresent()
  @Text(1, 200)
  location?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IfPresent()
  @IsUUID()
  location_id?: string;

  @IsNumber(FINITE)
  @Min(0)
  @Max(MAX_UNITS)
  on_hand: number;

  /** Left out, what is on order stays as it was. */
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: MAX_UNITS })
  @IfPresent()
  @IsNumber(FINITE)
  @Min(0)
  @Max(MAX_UNITS)
  on_order?: number;
}

/** What a snapshot did. */
export class SnapshotResultDto {
  /** Rows of the snapshot. */
  @ApiProperty({ type: 'integer' }) rows: number;
  /** Rows that differed from what was stated before. */
  @ApiProperty({ type: 'integer' }) changed: number;
}
