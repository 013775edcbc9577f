import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Panel } from '../../engine/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { ModelArtefacts } from '../registry/model-artefacts.ts';
import { RegistryService } from '../registry/registry.service.ts';
import type { GenerationScope } from '../requests.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { forecast } from './compute.ts';
import { isSound } from './forecast-rows.ts';
import { writeRun } from './forecast-writer.ts';
import { LoadedPanel, PanelLoader } from './panel-loader.ts';
import { Publication } from './publication.ts';

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

/** Forecasts with the champion from the latest sales and replaces the current forecasts of the series asked for. */
@Injectable()
@QueueProcessor('forecast-generation')
export class ForecastGenerationProcessor extends JobProcessor<GenerationScope> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly panels: PanelLoader,
    private readonly artefacts: ModelArtefacts,
    private readonly registry: RegistryService,
    private readonly publication: Publication,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<GenerationScope>): Promise<Record<string, unknown>> {
    const champion = await this.registry.champion();
    if (!champion) throw new AppError(409, 'NO_MODEL', 'No model has been trained yet');
    const { version, artefactKey: key, artefactSha256: sha256 } = champion;
    const model = await this.artefacts.load({ version, key, sha256 });
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, champion.parameters.categories);
    if (!loaded) throw new NoSalesError();
    const { panel, businessDate } = loaded;
    const keys = { product: panel.product.slice(), location: panel.location.slice() };
    const seriesIndices = scopedSeries(panel, loaded.categories, context.payload);
    if (seriesIndices?.length === 0) throw new NoSalesError('None of what was asked for has been sold yet');
    const result = await this.compute(context, model, loaded, seriesIndices);
    if (!isSound(result)) throw new Error(`Model ${version} forecast a value that is negative or not a number`);

    context.progress(FORECAST_PERCENT, 'publishing', 'Writing the forecasts');
    const { ensemble, productTotals } = champion.metrics.evaluation ?? {};
    const run = await this.publication.publish(context, async (client) => {
      if (await this.publication.isOvertaken(client, businessDate))
        throw new Error('Later sales have been forecast in the meantime; reading the history again');
      return writeRun(
        client,
        {
          forecast: result,
          keys,
          model: champion.id,
          businessDate,
          jobId: context.id,
          coverage: { series: ensemble?.coverage ?? null, totals: productTotals?.coverage ?? null },
          complete: seriesIndices === null,
        },
        context.signal,
      );
    });
    return {
      run_id: run.runId,
      model_version: version,
      series_count: run.seriesCount,
      business_date: businessDate,
      horizon_days: result.horizon,
    };
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
