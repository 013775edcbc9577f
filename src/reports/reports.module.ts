import { Module } from '@nestjs/common';
import { ForecastsModule } from '../forecasts/index.ts';
import { InventoryModule } from '../inventory/index.ts';
import { ProductsModule } from '../products/index.ts';
import { SalesModule } from '../sales/index.ts';
import { ForecastSummaryService } from './forecast-summary.service.ts';
import { InventoryRecommendationsService } from './inventory-recommendations.service.ts';
import { LostSalesService } from './lost-sales.service.ts';

/** What the reports say. */
@Module({
  imports: [ProductsModule, SalesModule, ForecastsModule, InventoryModule],
  providers: [InventoryRecommendationsService, ForecastSummaryService, LostSalesService],
  exports: [InventoryRecommendationsService, ForecastSummaryService, LostSalesService],
})
export class ReportsModule {}
