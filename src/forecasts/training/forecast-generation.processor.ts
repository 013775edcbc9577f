import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Panel } from '../../engine/index.ts';
import { AlertsService } from '../../platform/alerts/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { DamagedModelError, ModelArtefacts } from '../registry/model-artefacts.ts';
import { ModelVersion, RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests, GenerationScope } from '../requests.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { forecast } from './compute.ts';
import { isSound } from './forecast-rows.ts';
import { writeRun } from './forecast-writer.ts';
import { LoadedPanel, PanelLoader } from './panel-loader.ts';
import { Publication } from './publication.ts';
import { publishRun } from './publish-run.ts';

/** Share of the progress bar that reading the history and forecasting take. */
const LOADED_PERCENT = 40;
const FORECAST_PERCENT = 80;

/**
 * The series a request covers. The locations of a product are forecast together, so that its total always is the sum of
 * what stands at its locations: a place named selects the products sold there.
 * @returns ascending indices into the panel; null for all
 */
export function scopedSeries(
  panel: Panel,
  categories: readonly string[],
  { products, category, locations }: GenerationScope,
): Int32Array | null {
  if (!products && !category && !locations) return null;
  const inProducts = products && new Set(products);
  const inLocations = locations && new Set(locations);
  const wanted = new Set<number>();
  for (let s = 0; s < panel.seriesCount; s++) {
    if (inProducts && !inProducts.has(panel.product[s])) continue;
    if (category && categories[panel.category[s]] !== category) continue;
    if (inLocations && !inLocations.has(panel.location[s])) continue;
    wanted.add(panel.product[s]);
  }
  return Int32Array.from(panel.product.keys()).filter((s) => wanted.has(panel.product[s]));
}

/**
 * Forecasts from the latest sales: with the champion, whose forecasts replace the current ones of the series asked for,
 * or with the candidate of a rollout, whose forecasts stay unseen but for its share of the products.
 */
@Injectable()
@QueueProcessor('forecast-generation')
export class ForecastGenerationProcessor extends JobProcessor<GenerationScope> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly panels: PanelLoader,
    private readonly artefacts: ModelArtefacts,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
    private readonly rollouts: RolloutService,
    private readonly requests: ForecastRequests,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<GenerationScope>): Promise<Record<string, unknown>> {
    const { candidate } = context.payload;
    const version = candidate === undefined ? await this.registry.champion() : await this.registry.byId(candidate);
    if (!version) throw new AppError(409, 'NO_MODEL', 'No model has been trained yet');
    const model = await this.load(version);
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, { knownCategories: version.parameters.categories });
    if (!loaded) throw new NoSalesError();
    const { panel, businessDate } = loaded;
    const keys = { product: panel.product.slice(), location: panel.location.slice() };
    const seriesIndices = scopedSeries(panel, loaded.categories, context.payload);
    if (seriesIndices?.length === 0) throw new NoSalesError('None of what was asked for has been sold yet');
    const began = performance.now();
    const result = await this.compute(context, model, loaded, seriesIndices);
    const computeMs = Math.round(performance.now() - began);
    if (!isSound(result)) throw new Error(`Model ${version.version} forecast a value that is negative or not a number`);

    context.progress(FORECAST_PERCENT, 'publishing', 'Writing the forecasts');
    const { ensemble, productTotals } = version.metrics.evaluation ?? {};
    const coverage = { series: ensemble?.coverage ?? null, totals: productTotals?.coverage ?? null };
    const content = { forecast: result, keys, model: version.id, businessDate, jobId: context.id, coverage, computeMs };
    const run = await this.publication.publish(context, async (client) => {
      if (await this.publication.isOvertaken(client, businessDate))
        throw new Error('Later sales have been forecast in the meantime; reading the history again');
      const written = await writeRun(client, content, context.signal);
      if (candidate === undefined) {
        const exceptProducts = await this.rollouts.leftToCandidate(client);
        await publishRun(client, written.id, { complete: seriesIndices === null, exceptProducts });
      } else await this.rollouts.candidateForecast(client, candidate, written.id);
      return written;
    });
    // What came in since the last time judges the rollout once both versions have forecast from it.
    if (candidate !== undefined) await this.requests.reviewRollout();
    else if (seriesIndices === null) {
      await this.rollouts.takeBackSilent();
      await this.rollouts.refreshCandidate(context.payload.horizonDays);
    }
    return {
      run_id: run.runId,
      model_version: version.version,
      series_count: run.seriesCount,
      business_date: businessDate,
      horizon_days: result.horizon,
    };
  }

  /** The text of a model; where it is damaged an alert says so, and what was forecast before stays. */
  private async load({ version, artefactKey: key, artefactSha256: sha256 }: ModelVersion): Promise<string> {
    try {
      return await this.artefacts.load({ version, key, sha256 });
    } catch (error) {
      if (error instanceof DamagedModelError)
        await this.alerts.raise({
          kind: 'model.damaged',
          severity: 'critical',
          subject: `The stored model ${version} is missing or damaged; its earlier forecasts are served`,
          detail: { model_version: version, artefact_key: key },
          dedupeKey: `model.damaged:${version}`,
        });
      throw error;
    }
  }

  private compute(
    context: JobContext<GenerationScope>,
    model: string,
    { panel, events }: LoadedPanel,
    seriesIndices: Int32Array | null,
  ) {
    const { horizonDays: horizon } = context.payload;
    const options = seriesIndices ? { horizon, seriesIndices } : { horizon };
    return forecast(
      { model, panel, events, options },
      {
        signal: context.signal,
        onProgress: (percent, message) =>
          context.progress(
            LOADED_PERCENT + (percent * (FORECAST_PERCENT - LOADED_PERCENT)) / 100,
            'forecasting',
            message,
          ),
      },
    );
  }
}
