import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { Bundles } from '../pipeline/bundles.ts';
import type { Shard } from '../pipeline/shards.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { seriesRows } from '../training/forecast-rows.ts';
import { coverageOf, writeRunRows } from '../training/forecast-writer.ts';
import { writeOwned } from '../training/owned-write.ts';
import type { BatchInput, CollectedOutput, ForecastOutput } from './batch-workflow.ts';
import type { KeptForecast } from './forecast.step.ts';
import { writeWeeklyRows } from './weekly-store.ts';

/** Writes a part of what was forecast. Nobody sees it before the run is published. */
@Injectable()
@QueueProcessor('batch-write')
export class WriteStep extends StepProcessor<BatchInput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly bundles: Bundles,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<BatchInput>): Promise<StepResult> {
    const [{ modelId }] = context.outputs<CollectedOutput>('collect');
    const [{ forecast: kept, run }] = context.outputs<ForecastOutput>('forecast');
    const { begin, end } = context.shard.descriptor as Shard;
    const { metrics } = await this.registry.byId(modelId);
    const { forecast, keys } = await this.bundles.load<KeptForecast>(kept);
    const rows = seriesRows(forecast, keys).slice(begin, end);
    const content = { forecast, coverage: coverageOf(metrics.evaluation) };
    const write = context.input.grain === 'week' ? writeWeeklyRows : writeRunRows;
    await writeOwned(this.config, context, (client) => write(client, run, rows, content, context.signal));
    return { output: { series: rows.length } };
  }
}
