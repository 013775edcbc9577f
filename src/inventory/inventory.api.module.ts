import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.ts';
import { ProductsModule } from '../products/index.ts';
import { ForecastsModule } from '../forecasts/index.ts';
import { AvailabilityController } from './availability.controller.ts';
import { InventoryController } from './inventory.controller.ts';
import { InventoryModule } from './inventory.module.ts';
import { SnapshotService } from './snapshot.service.ts';
import { StockoutMetric } from './stockout-metric.ts';
import { StockStatementsService } from './stock-statements.service.ts';

/** The routes of the stock. */
@Module({
  imports: [AuthModule, ProductsModule, ForecastsModule, InventoryModule],
  controllers: [AvailabilityController, InventoryController],
  providers: [StockStatementsService, SnapshotService, StockoutMetric],
})
export class InventoryApiModule {}
