import { Module } from '@nestjs/common';
import { SignalAblationProcessor } from './ablation/signal-ablation.processor.ts';
import { AvailabilityProcessor } from './availability/availability.processor.ts';
import { BATCH_STEPS } from './batch/batch.steps.ts';
import { WeeklyHousekeeping } from './batch/weekly-housekeeping.ts';
import { ForecastExplanationProcessor } from './explanation/forecast-explanation.processor.ts';
import { ForecastSchedules } from './forecast-schedules.ts';
import { ForecastsModule } from './forecasts.module.ts';
import { ForecastMonitoringProcessor } from './monitoring/forecast-monitoring.processor.ts';
import { Bundles } from './pipeline/bundles.ts';
import { TRAINING_STEPS } from './pipeline/pipeline.steps.ts';
import { ForecastHousekeeping } from './retention/forecast-housekeeping.ts';
import { ForecastRetentionProcessor } from './retention/forecast-retention.processor.ts';
import { RolloutReviewProcessor } from './rollout/rollout-review.processor.ts';
import { ForecastGenerationProcessor } from './training/forecast-generation.processor.ts';
import { ModelForecasts } from './training/model-forecasts.ts';
import { PanelLoader } from './training/panel-loader.ts';

/** Training and forecasting in the worker. */
@Module({
  imports: [ForecastsModule],
  providers: [
    ...TRAINING_STEPS,
    ...BATCH_STEPS,
    Bundles,
    AvailabilityProcessor,
    ForecastExplanationProcessor,
    ModelForecasts,
    ForecastGenerationProcessor,
    ForecastRetentionProcessor,
    ForecastMonitoringProcessor,
    RolloutReviewProcessor,
    SignalAblationProcessor,
    ForecastSchedules,
    WeeklyHousekeeping,
    ForecastHousekeeping,
    PanelLoader,
  ],
})
export class ForecastsWorkerModule {}
