import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { seriesRows } from '../training/forecast-rows.ts';
import { openRun } from '../training/forecast-writer.ts';
import { Bundles } from './bundles.ts';
import { planShards } from './shards.ts';
import type { KeptTraining } from './train.step.ts';
import type { CuratedOutput, EvaluatedOutput, TrainedOutput, TrainingInput } from './training-workflow.ts';

/** Most series of a shard of forecasts to write. */
const SHARD_SERIES = 2_000;

/** The run of forecasts that is to be written. */
export type RegisteredOutput = Record<string, unknown> & { readonly run: number; readonly run_id: string };

/** Makes the candidate a version that may be deployed, and opens the run of its forecasts. */
@Injectable()
@QueueProcessor('training-register')
export class RegisterStep extends StepProcessor<TrainingInput, RegisteredOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly bundles: Bundles,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<RegisteredOutput>> {
    const [{ businessDate, dataHash, degraded }] = context.outputs<CuratedOutput>('curate');
    const [trained] = context.outputs<TrainedOutput>('train');
    const [{ modelId }] = context.outputs<EvaluatedOutput>('evaluate');
    const { forecast, keys } = await this.bundles.load<KeptTraining>(trained.training);
    const rows = seriesRows(forecast, keys);
    const run = await withBulkConnection(this.config, (client) =>
      openRun(
        client,
        {
          model: modelId,
          businessDate,
          horizonDays: forecast.horizon,
          seriesCount: rows.length,
          levels: forecast.levels,
          members: forecast.components.map(({ name }) => name),
          sumInflation: forecast.sumInflation,
          jobId: context.id,
          dataHash,
          degraded,
        },
        context.runId,
      ),
    );
    context.onSuccess((manager) => this.registry.markRegistered(manager, modelId));
    return {
      output: { run: run.id, run_id: run.runId },
      shards: planShards(rows.length, (place) => rows[place].product, SHARD_SERIES),
    };
  }
}
