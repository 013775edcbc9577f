import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { ForecastPart } from '../../engine/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { Bundles } from '../pipeline/bundles.ts';
import { byLocation, Shard } from '../pipeline/shards.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { forecastPart } from '../training/compute.ts';
import { ModelForecasts } from '../training/model-forecasts.ts';
import type { LoadedPanel } from '../training/panel-loader.ts';
import { horizonOf } from './batch-horizon.ts';
import type { BatchInput, CollectedOutput, MembersOutput } from './batch-workflow.ts';

/** Forecasts the members of the ensemble for a part of the series: the work of a batch that more workers finish sooner. */
@Injectable()
@QueueProcessor('batch-members')
export class MembersStep extends StepProcessor<BatchInput, MembersOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly bundles: Bundles,
    private readonly models: ModelForecasts,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<BatchInput>): Promise<StepResult<MembersOutput>> {
    const [{ panel: frozen, businessDate, modelId }] = context.outputs<CollectedOutput>('collect');
    const { begin, end } = context.shard.descriptor as Shard;
    const model = await this.models.textOf(await this.registry.byId(modelId));
    const { panel, events } = await this.bundles.load<LoadedPanel>(frozen);
    const seriesIndices = byLocation(panel.location).slice(begin, end);
    const began = performance.now();
    const part: ForecastPart = await forecastPart(
      { model, panel, events, options: { horizon: horizonOf(context.input, businessDate), seriesIndices } },
      {
        signal: context.signal,
        onProgress: (percent, message) => context.progress(percent, 'members', message),
      },
    );
    const computeMs = Math.round(performance.now() - began);
    return {
      output: { part: await this.bundles.save(context.runId, `members/${begin}-${end}`, part), computeMs },
    };
  }
}
