import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { CODE_VERSION } from '../registry/code-version.ts';
import { judge } from '../registry/gate.ts';
import { metricsOf } from '../registry/model-metrics.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { isSound } from '../training/forecast-rows.ts';
import { holdOutSeries } from '../training/holdout-rows.ts';
import { writeHoldOut } from '../training/holdout-writer.ts';
import { writeOwned } from '../training/owned-write.ts';
import { Bundles } from './bundles.ts';
import type { KeptTraining } from './train.step.ts';
import type {
  CuratedOutput,
  EvaluatedOutput,
  FeaturesOutput,
  TrainedOutput,
  TrainingInput,
} from './training-workflow.ts';
import { featuresHash } from './features-hash.ts';

/** Enters the candidate with what it forecast of the days held out, beside the champion on the same days. */
@Injectable()
@QueueProcessor('training-evaluate')
export class EvaluateStep extends StepProcessor<TrainingInput, EvaluatedOutput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly bundles: Bundles,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult<EvaluatedOutput>> {
    const [curated] = context.outputs<CuratedOutput>('curate');
    const [trained] = context.outputs<TrainedOutput>('train');
    const features = context.outputs<FeaturesOutput>('features');
    const training = await this.bundles.load<KeptTraining>(trained.training);
    const { evaluation, holdOut, scales, keys, forecast } = training;
    const { horizonDays, holdOutDays, budget, seed } = context.input;
    const sound = isSound(forecast);
    const unjudged = metricsOf(training, judge(evaluation, 'no_champion', sound, this.config.gate), null);
    const model = {
      version: trained.version,
      artefactKey: trained.model.key,
      artefactSha256: trained.model.sha256,
      dataHash: curated.dataHash,
      featuresUri: `features/data=${curated.dataHash.slice(0, 16)}/seed=${seed}/`,
      featuresHash: featuresHash(features.map((shard) => shard.features)),
      codeVersion: CODE_VERSION,
      parameters: { horizonDays, holdOutDays, budget, categories: training.categories },
      seed,
      trainStart: trained.trainStart,
      trainEnd: curated.businessDate,
      weights: training.weights,
      metrics: unjudged,
      jobId: context.id,
    };
    const output = await writeOwned(this.config, context, async (client) => {
      const { id, created } = await this.registry.register(client, model);
      if (created && holdOut && scales) {
        const series = holdOutSeries(holdOut, keys, scales);
        await writeHoldOut(client, id, series, holdOut.forecast.startPeriod, holdOut.forecast.levels);
      }
      const comparison = await this.registry.compareWithChampion(client, id);
      const gate = judge(evaluation, comparison, sound, this.config.gate);
      await this.registry.recordMetrics(
        client,
        id,
        metricsOf(training, gate, typeof comparison === 'string' ? null : comparison),
      );
      return { modelId: id, gate, sound };
    });
    return { output };
  }
}
