import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { trainingRowsOf } from '../../engine/index.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { missingSignals } from '../training/degraded-signals.ts';
import { hashPanel } from '../training/panel-hash.ts';
import { LoadedPanel, PanelLoader } from '../training/panel-loader.ts';
import { Bundles } from './bundles.ts';
import { byLocation, planShards } from './shards.ts';
import type { CuratedOutput, TrainingInput } from './training-workflow.ts';

/** Rows of the training in a shard of the features, about: some 10 MB, and work worth reading the history for. */
const SHARD_ROWS = 40_000;

/** Reads the history and keeps it, so that every later step and every further attempt works on the same. */
@Injectable()
@QueueProcessor('training-curate')
export class CurateStep extends StepProcessor<TrainingInput, CuratedOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly panels: PanelLoader,
    private readonly bundles: Bundles,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<CuratedOutput>> {
    context.progress(0, 'curate', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal);
    if (!loaded) throw new NoSalesError();
    const { panel, events, businessDate } = loaded;
    const order = byLocation(panel.location);
    // Rows are drawn evenly over the history, so a part of the series has that part of the rows.
    const most = Math.ceil((panel.seriesCount * SHARD_ROWS) / trainingRowsOf(context.input.budget));
    return {
      output: {
        panel: await this.bundles.save(context.runId, 'panel', loaded satisfies LoadedPanel),
        dataHash: hashPanel(panel, events),
        businessDate,
        seriesCount: panel.seriesCount,
        degraded: missingSignals(panel, events, loaded.silentSources),
      },
      shards: planShards(panel.seriesCount, (place) => panel.location[order[place]], most),
    };
  }
}
