import { ApiProperty } from '@nestjs/swagger';
import type { Recommendation } from '../../inventory/index.ts';
import { rounded } from '../rounded.ts';

/**
 * What to order of a product for a location. Demand is that until an order placed tomorrow could arrive: over the lead
 * time and one day of review.
 */
export class InventoryRecommendationDto {
  @ApiProperty({ format: 'uuid' }) product_id: string;
  @ApiProperty() sku: string;
  @ApiProperty() name: string;
  @ApiProperty() category: string;
  @ApiProperty({ format: 'uuid' }) location_id: string;
  @ApiProperty() location_code: string;
  /** Units at hand; 0 where the stock is not known, and the reason says so. */
  @ApiProperty() on_hand: number;
  @ApiProperty() on_order: number;
  @ApiProperty({ type: 'integer' }) lead_time_days: number;
  /** Wanted chance of not running out before the next order can arrive. */
  @ApiProperty() service_level: number;
  /** Mean. */
  @ApiProperty() lead_time_demand: number;
  /** Quantile at the service level. */
  @ApiProperty() lead_time_demand_quantile: number;
  /** Quantile less mean. */
  @ApiProperty() safety_stock: number;
  @ApiProperty() reorder_point: number;
  /** Whole packs, at least the minimum order; 0 = order nothing. */
  @ApiProperty() recommended_quantity: number;
  /** Chance of running out all the same. */
  @ApiProperty() stockout_probability: number;
  /** Units expected to expire unsold, of the stock on hand and of this order. */
  @ApiProperty() expected_waste: number;
  @ApiProperty() reason: string;

  static of(recommendation: Recommendation): InventoryRecommendationDto {
    const { product, location } = recommendation;
    return {
      product_id: product.productId,
      sku: product.sku,
      name: product.name,
      category: product.category,
      location_id: location.locationId,
      location_code: location.code,
      on_hand: recommendation.onHand,
      on_order: recommendation.onOrder,
      lead_time_days: product.leadTimeDays,
      service_level: product.serviceLevel,
      lead_time_demand: rounded(recommendation.leadTimeDemandMean, 3),
      lead_time_demand_quantile: rounded(recommendation.leadTimeDemandQuantile, 3),
      safety_stock: rounded(recommendation.safetyStock, 3),
      reorder_point: rounded(recommendation.reorderPoint, 3),
      recommended_quantity: recommendation.recommendedQuantity,
      stockout_probability: rounded(recommendation.stockoutProbability, 5),
      expected_waste: rounded(recommendation.expectedWaste, 3),
      reason: recommendation.reason,
    };
  }
}

/** A page of recommendations, the most urgent first. */
export class InventoryRecommendationPageDto {
  @ApiProperty({ type: [InventoryRecommendationDto] }) items: InventoryRecommendationDto[];
  @ApiProperty({ type: String, nullable: true }) next_cursor: string | null;
}
