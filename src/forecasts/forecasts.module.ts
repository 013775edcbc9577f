import { Module } from '@nestjs/common';
import { ProductsModule } from '../products/index.ts';
import { SalesModule } from '../sales/index.ts';
import { SignalsModule } from '../signals/index.ts';
import { AvailabilityService } from './availability/availability.service.ts';
import { ForecastsService } from './forecasts.service.ts';
import { AccuracyMetrics } from './monitoring/accuracy-metrics.ts';
import { ModelArtefacts } from './registry/model-artefacts.ts';
import { RegistryService } from './registry/registry.service.ts';
import { ForecastRequests } from './requests.ts';
import { RolloutService } from './rollout/rollout.service.ts';
import { Publication } from './training/publication.ts';

/** Current forecasts, the model registry and the jobs that renew them. */
@Module({
  imports: [ProductsModule, SalesModule, SignalsModule],
  providers: [
    AccuracyMetrics,
    AvailabilityService,
    ForecastsService,
    RegistryService,
    ModelArtefacts,
    ForecastRequests,
    Publication,
    RolloutService,
  ],
  exports: [
    AvailabilityService,
    ForecastsService,
    RegistryService,
    ModelArtefacts,
    ForecastRequests,
    Publication,
    RolloutService,
    ProductsModule,
    SalesModule,
    SignalsModule,
  ],
})
export class ForecastsModule {}
