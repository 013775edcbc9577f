import { Module } from '@nestjs/common';
import { ForecastsModule } from '../forecasts/index.ts';
import { ProductsModule } from '../products/index.ts';
import { SalesModule } from '../sales/index.ts';
import { RecommendationsService } from './recommendations.service.ts';
import { StockService } from './stock.service.ts';

/** Stock and order recommendations, for other features. */
@Module({
  imports: [ProductsModule, SalesModule, ForecastsModule],
  providers: [StockService, RecommendationsService],
  exports: [StockService, RecommendationsService],
})
export class InventoryModule {}
