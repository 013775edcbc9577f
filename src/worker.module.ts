import { DynamicModule, Module } from '@nestjs/common';
import { AuthWorkerModule } from './auth/auth.worker.module.ts';
import { AppConfig } from './platform/config/index.ts';
import { ForecastsWorkerModule } from './forecasts/forecasts.worker.module.ts';
import { PlatformModule } from './platform/platform.module.ts';
import { ProductsModule } from './products/products.module.ts';
import { SalesWorkerModule } from './sales/sales.worker.module.ts';
import { SignalsWorkerModule } from './signals/signals.worker.module.ts';

/** The worker: every feature with the processors of its queues and without controllers. */
@Module({})
export class WorkerModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: WorkerModule,
      imports: [
        PlatformModule.forWorker(config),
        AuthWorkerModule,
        ProductsModule,
        SalesWorkerModule,
        SignalsWorkerModule,
        ForecastsWorkerModule,
      ],
    };
  }
}
