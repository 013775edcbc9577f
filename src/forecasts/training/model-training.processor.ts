import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { type Budget, SUFFICIENCY_NAMES } from '../../engine/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { isoOf } from '../../signals/index.ts';
import { CODE_VERSION } from '../registry/code-version.ts';
import { judge } from '../registry/gate.ts';
import { artefactHash, ModelArtefacts } from '../registry/model-artefacts.ts';
import { metricsOf } from '../registry/model-metrics.ts';
import { NewModel, RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests, type TrainingRequest } from '../requests.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { train } from './compute.ts';
import { isSound, SeriesKeys } from './forecast-rows.ts';
import { writeRun, WrittenRun } from './forecast-writer.ts';
import { holdOutSeries } from './holdout-rows.ts';
import { writeHoldOut } from './holdout-writer.ts';
import { PanelLoader } from './panel-loader.ts';
import { Publication } from './publication.ts';
import type { TrainingOutput } from './thread-types.ts';

/** Share of the progress bar that reading the history and the fit take. */
const LOADED_PERCENT = 5;
const FITTED_PERCENT = 90;

/** A trained model on its way into the registry. */
interface Trained {
  readonly output: TrainingOutput;
  readonly keys: SeriesKeys;
  readonly model: Omit<NewModel, 'metrics'>;
  readonly horizonDays: number;
}

/**
 * Trains a model on the whole history, judges it against the champion and, where it may, publishes it together with its
 * forecast. The same data, seed, settings and code give the same version, so a second attempt changes nothing.
 */
@Injectable()
@QueueProcessor('model-training')
export class ModelTrainingProcessor extends JobProcessor<TrainingRequest> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly panels: PanelLoader,
    private readonly artefacts: ModelArtefacts,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
    private readonly requests: ForecastRequests,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<TrainingRequest>): Promise<Record<string, unknown>> {
    const trained = await this.train(context);
    context.progress(FITTED_PERCENT, 'publishing', 'Writing the model and its forecasts');
    await this.artefacts.save(trained.model.version, trained.output.model);
    const published = await this.publication.publish(context, (client) => this.enter(client, trained, context));
    const { gate, promoted, run } = published;
    // The champion, old or new, owes a forecast from the latest sales if this training did not bring it.
    const refresh = run ? null : await this.requests.refreshAll(trained.horizonDays);
    return {
      model_version: trained.model.version,
      promoted,
      gate,
      run_id: run?.runId ?? null,
      series_count: run?.seriesCount ?? 0,
      business_date: trained.model.trainEnd,
      sufficiency: Object.fromEntries(
        SUFFICIENCY_NAMES.map((name) => [name, trained.output.facts.sufficiency[name] ?? 0]),
      ),
      ...(refresh ? { generation_job_id: refresh.id } : {}),
    };
  }

  private async train(context: JobContext<TrainingRequest>): Promise<Trained> {
    const { seed, horizonDays, holdOutDays, budget } = context.payload;
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal);
    if (!loaded) throw new NoSalesError();
    const { panel, events, categories, businessDate } = loaded;
    const keys = { product: panel.product.slice(), location: panel.location.slice() };
    const output = await train(
      { panel, events, options: { seed, horizon: horizonDays, holdOutPeriods: holdOutDays, budget: budget as Budget } },
      {
        signal: context.signal,
        onProgress: (percent, message) =>
          context.progress(LOADED_PERCENT + (percent * (FITTED_PERCENT - LOADED_PERCENT)) / 100, 'training', message),
      },
    );
    const sha256 = artefactHash(output.model);
    const version = `${businessDate}-${sha256.slice(0, 8)}`;
    const model = {
      version,
      artefactKey: `models/${version}/model.txt`,
      artefactSha256: sha256,
      dataHash: output.dataHash,
      codeVersion: CODE_VERSION,
      parameters: { horizonDays, holdOutDays, budget, categories },
      seed,
      trainStart: isoOf(output.facts.startPeriod),
      trainEnd: businessDate,
      weights: output.weights,
      jobId: context.id,
    };
    return { output, keys, model, horizonDays };
  }

  private async enter(client: Client, { output, keys, model }: Trained, context: JobContext<TrainingRequest>) {
    const { holdOut, scales, evaluation, forecast } = output;
    const unjudged = metricsOf(output, judge(evaluation, null, isSound(forecast)), null);
    const { id, created } = await this.registry.register(client, { ...model, metrics: unjudged });
    if (created && holdOut && scales) {
      const series = holdOutSeries(holdOut, keys, scales);
      await writeHoldOut(client, id, series, holdOut.forecast.startPeriod, holdOut.forecast.levels);
    }
    const comparison = await this.registry.compareWithChampion(client, id);
    const gate = judge(evaluation, comparison, isSound(forecast));
    await this.registry.recordMetrics(client, id, metricsOf(output, gate, comparison));
    // Without a champion there would be no forecast at all; the verdict says how far to trust this one.
    const promoted = gate.passed || (isSound(forecast) && !(await this.registry.hasChampion(client)));
    let run: WrittenRun | null = null;
    if (promoted) {
      await this.registry.promote(client, id);
      if (!(await this.publication.isOvertaken(client, model.trainEnd))) {
        const coverage = {
          series: evaluation?.ensemble.coverage ?? null,
          totals: evaluation?.productTotals.coverage ?? null,
        };
        const content = { forecast, keys, model: id, businessDate: model.trainEnd, jobId: context.id, coverage };
        run = await writeRun(client, { ...content, complete: true }, context.signal);
      }
    }
    return { gate, promoted, run };
  }
}
