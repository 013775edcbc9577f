import { Module } from '@nestjs/common';
import { AblationController } from './ablation/ablation.controller.ts';
import { ExperimentsController } from './experiments/experiments.controller.ts';
import { ExperimentsService } from './experiments/experiments.service.ts';
import { ExplanationController } from './explanation/explanation.controller.ts';
import { ExplanationService } from './explanation/explanation.service.ts';
import { ForecastsModule } from './forecasts.module.ts';
import { LiveForecasts } from './live/live-forecasts.ts';
import { MonitoringController } from './monitoring/monitoring.controller.ts';
import { MonitoringService } from './monitoring/monitoring.service.ts';
import { ModelsController } from './registry/models.controller.ts';
import { RolloutController } from './rollout/rollout.controller.ts';
import { AccuracyService } from './serving/accuracy.service.ts';
import { ComponentsService } from './serving/components.service.ts';
import { ForecastEpoch } from './serving/forecast-epoch.ts';
import { ForecastListService } from './serving/forecast-list.service.ts';
import { ForecastsController } from './serving/forecasts.controller.ts';
import { GenerationService } from './serving/generation.service.ts';
import { Places } from './serving/places.ts';
import { ReadyAnswers } from './serving/ready-answers.ts';
import { SeriesForecastController } from './serving/series-forecast.controller.ts';
import { SeriesForecastService } from './serving/series-forecast.service.ts';
import { TopProductsController } from './serving/top-products.controller.ts';
import { TopProductsService } from './serving/top-products.service.ts';
import { PanelLoader } from './training/panel-loader.ts';

/** Routes of forecasts and models. */
@Module({
  imports: [ForecastsModule],
  controllers: [
    ForecastsController,
    ExplanationController,
    SeriesForecastController,
    TopProductsController,
    ExperimentsController,
    RolloutController,
    MonitoringController,
    AblationController,
    ModelsController,
  ],
  providers: [
    AccuracyService,
    ComponentsService,
    ExperimentsService,
    ExplanationService,
    ForecastEpoch,
    ForecastListService,
    GenerationService,
    LiveForecasts,
    MonitoringService,
    PanelLoader,
    Places,
    ReadyAnswers,
    SeriesForecastService,
    TopProductsService,
  ],
})
export class ForecastsApiModule {}
