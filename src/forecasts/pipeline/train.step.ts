import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { isoOf } from '../../signals/index.ts';
import { artefactHash, ModelArtefacts } from '../registry/model-artefacts.ts';
import { train } from '../training/compute.ts';
import type { SeriesKeys } from '../training/forecast-rows.ts';
import type { LoadedPanel } from '../training/panel-loader.ts';
import type { TrainingOutput } from '../training/thread-types.ts';
import { Bundle, Bundles } from './bundles.ts';
import type { CuratedOutput, TrainedOutput, TrainingInput } from './training-workflow.ts';

/** What the training found, for the steps after it. */
export interface KeptTraining extends Omit<TrainingOutput, 'model'> {
  readonly keys: SeriesKeys;
  readonly categories: readonly string[];
}

/** Fits that earlier attempts have done, by name. */
type Checkpoint = Record<string, Bundle>;

/**
 * Fits the model in threads. Each fit is kept when it is done, so that a worker that takes over goes on from there; the
 * model is the same to the bit.
 */
@Injectable()
@QueueProcessor('model-training')
export class TrainStep extends StepProcessor<TrainingInput, TrainedOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly bundles: Bundles,
    private readonly artefacts: ModelArtefacts,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<TrainedOutput>> {
    const [curated] = context.outputs<CuratedOutput>('curate');
    const { seed, horizonDays, holdOutDays, budget } = context.input;
    const done = { ...(context.checkpoint as Checkpoint | null) };
    const fitted = new Map<string, string>();
    for (const [name, bundle] of Object.entries(done)) fitted.set(name, await this.bundles.text(bundle));
    const { panel, events, categories } = await this.bundles.load<LoadedPanel>(curated.panel);
    const keys = { product: panel.product.slice(), location: panel.location.slice() };
    let keeping: Promise<unknown> = Promise.resolve();
    const keep = (name: string, text: string): void => {
      keeping = keeping.then(async () => {
        done[name] = await this.bundles.save(context.runId, `fits/${name}`, text);
        await context.saveCheckpoint(done);
      });
      // A fit that cannot be kept costs time after a crash, nothing more.
      keeping = keeping.catch(() => undefined);
    };
    const { model, ...found } = await train(
      { panel, events, options: { seed, horizon: horizonDays, holdOutPeriods: holdOutDays, budget }, fitted },
      {
        signal: context.signal,
        onProgress: (percent, message) => context.progress(percent, 'train', message),
        onFitted: keep,
      },
    );
    await keeping;
    const sha256 = artefactHash(model);
    const version = `${curated.businessDate}-${sha256.slice(0, 8)}`;
    const kept: KeptTraining = { ...found, keys, categories };
    return {
      output: {
        version,
        model: await this.artefacts.save(version, model),
        training: await this.bundles.save(context.runId, 'training', kept),
        trainStart: isoOf(found.facts.startPeriod),
      },
    };
  }
}
