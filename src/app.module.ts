import { DynamicModule, Module } from '@nestjs/common';
import { AuthApiModule } from './auth/auth.api.module.ts';
import { ForecastsApiModule } from './forecasts/forecasts.api.module.ts';
import { InventoryApiModule } from './inventory/inventory.api.module.ts';
import { AppConfig } from './platform/config/index.ts';
import { PlatformModule } from './platform/platform.module.ts';
import { ProductsApiModule } from './products/products.api.module.ts';
import { ReportsApiModule } from './reports/reports.api.module.ts';
import { SalesApiModule } from './sales/sales.api.module.ts';
import { SignalsApiModule } from './signals/signals.api.module.ts';

/** The API: every feature with its controllers. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forApi(config),
        AuthApiModule,
        ProductsApiModule,
        SalesApiModule,
        SignalsApiModule,
        ForecastsApiModule,
        InventoryApiModule,
        ReportsApiModule,
      ],
    };
  }
}
