import { Module } from '@nestjs/common';
import { ForecastSchedules } from './forecast-schedules.ts';
import { ForecastsModule } from './forecasts.module.ts';
import { ModelArtefacts } from './registry/model-artefacts.ts';
import { ForecastRetentionProcessor } from './retention/forecast-retention.processor.ts';
import { ForecastGenerationProcessor } from './training/forecast-generation.processor.ts';
import { ModelTrainingProcessor } from './training/model-training.processor.ts';
import { PanelLoader } from './training/panel-loader.ts';
import { Publication } from './training/publication.ts';

/** Training and forecasting in the worker. */
@Module({
  imports: [ForecastsModule],
  providers: [
    ModelTrainingProcessor,
    ForecastGenerationProcessor,
    ForecastRetentionProcessor,
    ForecastSchedules,
    PanelLoader,
    Publication,
    ModelArtefacts,
  ],
})
export class ForecastsWorkerModule {}
