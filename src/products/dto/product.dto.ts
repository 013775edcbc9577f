import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsISO8601, IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';
import { IfPresent, InvalidRequestError, PageQuery, Text } from '../../platform/http/index.ts';
import type { Attributes, ProductFields } from '../catalogue.types.ts';
import type { Product } from '../entities/product.entity.ts';
import { FlatAttributes } from './attributes.ts';

const MAX_MONEY = 1e9;
const MONEY = { allowNaN: false, allowInfinity: false, maxDecimalPlaces: 4 } as const;
const CALENDAR_DAY = /^\d{4}-\d{2}-\d{2}$/;
const FINITE = { allowNaN: false, allowInfinity: false } as const;

/** A product as a client writes it. A field left out takes its default, on PUT as well. */
export class WriteProductDto {
  @Text(1, 200)
  sku: string;

  @Text(1, 200)
  name: string;

  @ApiPropertyOptional({ default: 'Uncategorised' })
  @IfPresent()
  @Text(1, 200)
  category?: string;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 0, maximum: MAX_MONEY, default: null })
  @IsOptional()
  @IsNumber(MONEY)
  @Min(0)
  @Max(MAX_MONEY)
  current_price?: number | null;

  @ApiPropertyOptional({ type: Number, nullable: true, minimum: 0, maximum: MAX_MONEY, default: null })
  @IsOptional()
  @IsNumber(MONEY)
  @Min(0)
  @Max(MAX_MONEY)
  unit_cost?: number | null;

  @ApiPropertyOptional({ default: 7 })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(3650)
  lead_time_days?: number;

  @ApiPropertyOptional({ default: 0 })
  @IfPresent()
  @IsNumber(FINITE)
  @Min(0)
  @Max(3650)
  lead_time_std_days?: number;

  @ApiPropertyOptional({ default: 1 })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  pack_size?: number;

  @ApiPropertyOptional({ default: 0 })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  min_order_quantity?: number;

  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: 1, maximum: 36_500, default: null })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(36_500)
  shelf_life_days?: number | null;

  /** Wanted probability of no stockout in a replenishment cycle. */
  @ApiPropertyOptional({ default: 0.95 })
  @IfPresent()
  @IsNumber(FINITE)
  @Min(0.00001)
  @Max(0.99999)
  service_level?: number;

  /** First day on sale; sales before it count for nothing. */
  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, default: null })
  @IsOptional()
  @Matches(CALENDAR_DAY)
  @IsISO8601({ strict: true })
  listed_from?: string | null;

  /** Last day on sale; after it nothing is forecast. */
  @ApiPropertyOptional({ type: String, format: 'date', nullable: true, default: null })
  @IsOptional()
  @Matches(CALENDAR_DAY)
  @IsISO8601({ strict: true })
  listed_until?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    default: {},
  })
  @IfPresent()
  @FlatAttributes()
  attributes?: Attributes;
}

/**
 * The fields of a body, with the defaults of those left out.
 * @throws InvalidRequestError where the product leaves before it comes
 */
export function productFields(body: WriteProductDto): ProductFields {
  if (body.listed_from && body.listed_until && body.listed_until < body.listed_from)
    throw new InvalidRequestError('listed_until', 'lies before listed_from');
  return {
    sku: body.sku,
    name: body.name,
    category: body.category ?? 'Uncategorised',
    currentPrice: body.current_price ?? null,
    unitCost: body.unit_cost ?? null,
    leadTimeDays: body.lead_time_days ?? 7,
    leadTimeStdDays: body.lead_time_std_days ?? 0,
    packSize: body.pack_size ?? 1,
    minOrderQuantity: body.min_order_quantity ?? 0,
    shelfLifeDays: body.shelf_life_days ?? null,
    serviceLevel: body.service_level ?? 0.95,
    listedFrom: body.listed_from ?? null,
    listedUntil: body.listed_until ?? null,
    attributes: body.attributes ?? {},
  };
}

/** Filters of the product list. */
export class ProductsQuery extends PageQuery {
  @IsOptional()
  @Text(1, 200)
  category?: string;

  @IsOptional()
  @Text(1, 200)
  sku?: string;

  /** Part of the name or of the SKU, in any case. */
  @IsOptional()
  @Text(1, 200)
  search?: string;
}

/** A product. */
export class ProductDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  @ApiProperty({ type: Number, nullable: true }) current_price: number | null;
  @ApiProperty({ type: Number, nullable: true }) unit_cost: number | null;
  @ApiProperty({ type: 'integer' }) lead_time_days: number;
  @ApiProperty() lead_time_std_days: number;
  @ApiProperty({ type: 'integer' }) pack_size: number;
  @ApiProperty({ type: 'integer' }) min_order_quantity: number;
  @ApiProperty({ type: 'integer', nullable: true }) shelf_life_days: number | null;
  @ApiProperty() service_level: number;
  @ApiProperty({ type: String, format: 'date', nullable: true }) listed_from: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true }) listed_until: string | null;
  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
  })
  attributes: Attributes;
  @ApiProperty({ format: 'date-time' }) created_at: string;
  @ApiProperty({ format: 'date-time' }) updated_at: string;

  static of(product: Product): ProductDto {
    return {
      product_id: product.productId,
      sku: product.sku,
      name: product.name,
      category: product.category,
      current_price: product.currentPrice,
      unit_cost: product.unitCost,
      lead_time_days: product.leadTimeDays,
      lead_time_std_days: product.leadTimeStdDays,
      pack_size: product.packSize,
      min_order_quantity: product.minOrderQuantity,
      shelf_life_days: product.shelfLifeDays,
      service_level: product.serviceLevel,
      listed_from: product.listedFrom,
      listed_until: product.listedUntil,
      attributes: product.attributes,
      created_at: product.createdAt.toISOString(),
      updated_at: product.updatedAt.toISOString(),
    };
  }
}

/** A page of products, by SKU. */
export class ProductPageDto {
  @ApiProperty({ type: [ProductDto] }) items: ProductDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}
