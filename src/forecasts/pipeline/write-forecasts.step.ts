import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { seriesRows } from '../training/forecast-rows.ts';
import { coverageOf, writeRunRows } from '../training/forecast-writer.ts';
import { writeOwned } from '../training/owned-write.ts';
import { Bundles } from './bundles.ts';
import type { RegisteredOutput } from './register.step.ts';
import type { Shard } from './shards.ts';
import type { KeptTraining } from './train.step.ts';
import type { TrainedOutput, TrainingInput } from './training-workflow.ts';

/** Writes a part of a run's forecasts. Nobody sees them before the run is published. */
@Injectable()
@QueueProcessor('forecast-writing')
export class WriteForecastsStep extends StepProcessor<TrainingInput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly bundles: Bundles,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult> {
    const [{ run }] = context.outputs<RegisteredOutput>('register');
    const [trained] = context.outputs<TrainedOutput>('train');
    const { begin, end } = context.shard.descriptor as Shard;
    const { forecast, keys, evaluation } = await this.bundles.load<KeptTraining>(trained.training);
    const rows = seriesRows(forecast, keys).slice(begin, end);
    const coverage = coverageOf(evaluation);
    await writeOwned(this.config, context, (client) =>
      writeRunRows(client, run, rows, { forecast, coverage }, context.signal),
    );
    return { output: { series: rows.length } };
  }
}
