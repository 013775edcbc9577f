export { InventoryModule } from './inventory.module.ts';
export { REVIEW_DAYS } from './recommend-series.ts';
export { RecommendationsService } from './recommendations.service.ts';
export type { Recommendation, RecommendationFilter } from './recommendations.service.ts';
export { StockService } from './stock.service.ts';
export type { StockFilter } from './stock.service.ts';
export { placeKey } from './stock.types.ts';
export type { Lot, StockLevel } from './stock.types.ts';
export { visibleLocations } from './visible-locations.ts';
