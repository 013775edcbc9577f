import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsNumber, IsOptional, IsUUID, Max, Min, ValidateNested } from 'class-validator';
import { IfPresent, PageQuery } from '../../platform/http/index.ts';
import type { CatalogueLocation, CatalogueProduct } from '../../products/index.ts';
import { IsCivilDate } from '../../signals/index.ts';
import { STOCK_SOURCES } from '../stock.types.ts';
import type { StockLevel, StockSource } from '../stock.types.ts';

/** Largest quantity that is taken for one. */
export const MAX_UNITS = 1e9;
const FINITE = { allowNaN: false, allowInfinity: false } as const;
const MAX_LOTS = 1000;

/** The place; without it GET lists all places of the product. */
export class StockQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  location_id?: string;
}

/** The place whose stock is stated. */
export class PlaceQuery {
  @IsUUID()
  location_id: string;
}

/** Units that expire together. */
export class LotDto {
  @IsNumber(FINITE)
  @Min(0)
  @Max(MAX_UNITS)
  quantity: number;

  /** Last day of sale. */
  @ApiProperty({ format: 'date' })
  @IsCivilDate()
  expires_on: string;
}

/** Stock of a product at a location, as a client states it. */
export class WriteStockDto {
  @IsNumber(FINITE)
  @Min(0)
  @Max(MAX_UNITS)
  on_hand: number;

  /** Units ordered that have not arrived. */
  @ApiPropertyOptional({ type: Number, minimum: 0, maximum: MAX_UNITS, default: 0 })
  @IfPresent()
  @IsNumber(FINITE)
  @Min(0)
  @Max(MAX_UNITS)
  on_order?: number;

  /** Lots with a date, together at most `on_hand`; the rest of the stock does not expire. */
  @ApiPropertyOptional({ type: [LotDto], default: [] })
  @IfPresent()
  @IsArray()
  @ArrayMaxSize(MAX_LOTS)
  @ValidateNested({ each: true })
  @Type(() => LotDto)
  lots?: LotDto[];

  /** Day the count holds for; the business date unless stated. */
  @ApiPropertyOptional({ type: String, format: 'date' })
  @IfPresent()
  @IsCivilDate()
  as_of?: string;
}

/** Stock of a product at a location. */
export class StockDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty({ format: 'uuid' }) location_id: string;
  /** Null when unknown. */
  @ApiProperty({ type: Number, nullable: true }) on_hand: number | null;
  @ApiProperty() on_order: number;
  @ApiProperty({ type: [LotDto] }) lots: LotDto[];
  /** Stated by a client, reported along with the sales, or unknown. */
  @ApiProperty({ enum: STOCK_SOURCES }) source: StockSource;
  @ApiProperty({ type: String, format: 'date', nullable: true }) as_of: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) updated_at: string | null;

  static of(product: CatalogueProduct, location: CatalogueLocation, level: StockLevel): StockDto {
    return {
      product_id: product.productId,
      location_id: location.locationId,
      on_hand: level.onHand,
      on_order: level.onOrder,
      lots: level.lots.map(({ quantity, expires_on }) => ({ quantity, expires_on })),
      source: level.source,
      as_of: level.asOf,
      updated_at: level.updatedAt?.toISOString() ?? null,
    };
  }
}

/** A page of a product's stock, by location code. */
export class StockPageDto {
  @ApiProperty({ type: [StockDto] }) items: StockDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}
