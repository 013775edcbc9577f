import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { Bundles } from '../pipeline/bundles.ts';
import { byLocation, planShards } from '../pipeline/shards.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { missingSignals } from '../training/degraded-signals.ts';
import { ModelForecasts } from '../training/model-forecasts.ts';
import { hashPanel } from '../training/panel-hash.ts';
import { LoadedPanel, PanelLoader } from '../training/panel-loader.ts';
import { BatchInput, BatchReport, CollectedOutput } from './batch-workflow.ts';
import { horizonOf } from './batch-horizon.ts';
import { standingRun } from './standing-run.ts';

/** Most series of a part of the forecast: about a second of computing, as long as reading the history of some thousands. */
const SHARD_SERIES = 5_000;

/** Freezes the history, so that all later steps and attempts see the same, and looks whether it was forecast before. */
@Injectable()
@QueueProcessor('batch-collect')
export class CollectStep extends StepProcessor<BatchInput, CollectedOutput | BatchReport> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly panels: PanelLoader,
    private readonly bundles: Bundles,
    private readonly models: ModelForecasts,
    private readonly registry: RegistryService,
    private readonly rollouts: RolloutService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<BatchInput>): Promise<StepResult<CollectedOutput | BatchReport>> {
    const version = await this.registry.champion();
    if (!version) throw new AppError(409, 'NO_MODEL', 'No model has been trained yet');
    // A damaged model is told of now, also where there is nothing to forecast.
    await this.models.textOf(version);
    context.progress(5, 'collect', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, {
      knownCategories: version.parameters.categories,
    });
    if (!loaded) throw new NoSalesError();
    const { panel, events, businessDate } = loaded;
    const dataHash = hashPanel(panel, events);
    const standing = await withBulkConnection(this.config, async (client) =>
      standingRun(client, context.input, {
        model: version.id,
        businessDate,
        dataHash,
        exceptProducts: await this.rollouts.leftToCandidate(client),
      }),
    );
    if (standing) {
      const { grain } = context.input;
      const horizonDays = horizonOf(context.input, businessDate);
      const head = { grain, model_version: version.version, business_date: businessDate, horizon_days: horizonDays };
      return { output: { ...head, ...standing, unchanged: true }, skipRest: 'unchanged' };
    }
    const order = byLocation(panel.location);
    return {
      output: {
        panel: await this.bundles.save(context.runId, 'panel', loaded satisfies LoadedPanel),
        dataHash,
        businessDate,
        modelId: version.id,
        degraded: missingSignals(panel, events, loaded.silentSources),
      },
      shards: planShards(panel.seriesCount, (place) => panel.location[order[place]], SHARD_SERIES),
    };
  }
}
