import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Panel } from '../../engine/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests, GenerationScope } from '../requests.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { missingSignals } from './degraded-signals.ts';
import { coverageOf, writeRun } from './forecast-writer.ts';
import { ModelForecasts } from './model-forecasts.ts';
import { PanelLoader } from './panel-loader.ts';
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
    private readonly models: ModelForecasts,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
    private readonly rollouts: RolloutService,
    private readonly requests: ForecastRequests,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<GenerationScope>): Promise<Record<string, unknown>> {
    const { candidate } = context.payload;
    const version = candidate === undefined ? await this.registry.champion() : await this.registry.byId(candidate);
    if (!version) throw new AppError(409, 'NO_MODEL', 'No model has been trained yet');
    const model = await this.models.textOf(version);
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, { knownCategories: version.parameters.categories });
    if (!loaded) throw new NoSalesError();
    const { panel, events, businessDate } = loaded;
    const keys = { product: panel.product.slice(), location: panel.location.slice() };
    const seriesIndices = scopedSeries(panel, loaded.categories, context.payload);
    if (seriesIndices?.length === 0) throw new NoSalesError('None of what was asked for has been sold yet');
    const degraded = missingSignals(panel, events, loaded.silentSources);
    const { horizonDays: horizon } = context.payload;
    const options = seriesIndices ? { horizon, seriesIndices } : { horizon };
    const { forecast, computeMs } = await this.models.forecast(version, model, loaded, options, {
      signal: context.signal,
      onProgress: (percent, message) =>
        context.progress(
          LOADED_PERCENT + (percent * (FORECAST_PERCENT - LOADED_PERCENT)) / 100,
          'forecasting',
          message,
        ),
    });
    context.progress(FORECAST_PERCENT, 'publishing', 'Writing the forecasts');
    const coverage = coverageOf(version.metrics.evaluation);
    const content = {
      forecast,
      keys,
      model: version.id,
      businessDate,
      jobId: context.id,
      coverage,
      computeMs,
      degraded,
    };
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
      horizon_days: forecast.horizon,
    };
  }
}
