import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { ParquetColumn, ParquetValue, storeParquet } from '../../platform/parquet/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { runInThread, threadFile } from '../../platform/threads/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import type { LoadedPanel } from '../training/panel-loader.ts';
import { buffersOf } from '../training/thread-types.ts';
import { Bundles } from './bundles.ts';
import type { FeaturesInput, FeaturesResult } from './features-types.ts';
import { byLocation, Shard } from './shards.ts';
import type { CuratedOutput, FeaturesOutput, TrainingInput } from './training-workflow.ts';

/**
 * Keeps the features that the model learns from as Parquet files, a shard of locations each. They are made by the code
 * that makes them for the fit and for forecasts, from the same frozen history.
 */
@Injectable()
@QueueProcessor('training-features')
export class FeaturesStep extends StepProcessor<TrainingInput, FeaturesOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly bundles: Bundles,
    private readonly store: ObjectStore,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<FeaturesOutput>> {
    const [curated] = context.outputs<CuratedOutput>('curate');
    const { begin, end } = context.shard.descriptor as Shard;
    context.progress(0, 'features', 'Reading the frozen history');
    const { panel, events } = await this.bundles.load<LoadedPanel>(curated.panel);
    const { seed, horizonDays, holdOutDays, budget } = context.input;
    const input: FeaturesInput = {
      panel,
      events,
      options: { seed, horizon: horizonDays, holdOutPeriods: holdOutDays, budget },
      series: byLocation(panel.location).slice(begin, end),
    };
    context.progress(20, 'features', 'Computing the features');
    const made = await runInThread<FeaturesInput, FeaturesResult>(
      threadFile(import.meta.url, 'features.thread'),
      input,
      {
        signal: context.signal,
        transfer: buffersOf(panel),
      },
    );
    context.progress(60, 'features', 'Writing the features');
    const key = `features/data=${curated.dataHash.slice(0, 16)}/seed=${seed}/part-${begin}-${end}.parquet`;
    const { object: features, rows } = await storeParquet(this.store, key, columnsOf(made), rowsOf(made));
    return { output: { features, rows } };
  }
}

function columnsOf({ names }: FeaturesResult): ParquetColumn[] {
  return [
    { name: 'product_key', type: 'int32' },
    { name: 'location_key', type: 'int32' },
    { name: 'as_of', type: 'date' },
    { name: 'date', type: 'date' },
    { name: 'quantity_sold', type: 'float' },
    ...names.map((name): ParquetColumn => ({ name, type: 'float' })),
  ];
}

function* rowsOf({ product, location, asOf, day, units, columns }: FeaturesResult): Generator<ParquetValue[]> {
  for (let row = 0; row < units.length; row++) {
    const cells: ParquetValue[] = [product[row], location[row], asOf[row], day[row], units[row]];
    for (const column of columns) cells.push(Number.isNaN(column[row]) ? null : column[row]);
    yield cells;
  }
}
