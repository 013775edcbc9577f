import { Injectable } from '@nestjs/common';
import { ForecastsService } from '../forecasts/index.ts';
import type { DailyForecast, ForecastRun } from '../forecasts/index.ts';
import { visibleLocations } from '../inventory/index.ts';
import { InvalidRequestError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import { SalesHistoryService, SalesService } from '../sales/index.ts';
import { dayOf, isoOf } from '../signals/index.ts';
import type { ForecastSummaryQuery } from './dto/forecast-summary.dto.ts';
import { summariseProduct } from './forecast-summary.ts';
import type { ProductSummary, SummaryWindow } from './forecast-summary.ts';

/** The forecasts' own location for the sum over all places of a product. */
const ALL_PLACES = 0;

/** A summary before it is put in words: products with the largest demand first. */
export interface ForecastSummary {
  readonly run: ForecastRun;
  readonly window: SummaryWindow;
  readonly products: readonly ProductSummary[];
}

/** Sums the current forecasts and the sales of the days before. */
@Injectable()
export class ForecastSummaryService {
  constructor(
    private readonly forecasts: ForecastsService,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly histories: SalesHistoryService,
  ) {}

  /**
   * Null while there is no forecast of what is asked for.
   * @throws NotFoundError for a place that is not the caller's, InvalidRequestError for days without a forecast
   */
  async summarise(query: ForecastSummaryQuery, caller: Principal): Promise<ForecastSummary | null> {
    const visible = visibleLocations(await this.catalogue.allLiveLocations(), caller, query.location_id);
    const everywhere = query.location_id === undefined && caller.locationIds.length === 0;
    const places = visible.map(({ id }) => id);
    const [products, forecasts, history] = await Promise.all([
      this.catalogue.allLiveProducts(),
      this.forecasts.dailyForecasts({
        locations: everywhere ? [ALL_PLACES] : places,
        category: query.category,
      }),
      this.sales.range(),
    ]);
    const live = new Map(products.map((product) => [product.id, product]));
    const byProduct = new Map<number, DailyForecast[]>();
    let run: ForecastRun | null = null;
    for (const forecast of forecasts) {
      if (!live.has(forecast.product)) continue;
      const series = byProduct.get(forecast.product);
      if (series) series.push(forecast);
      else byProduct.set(forecast.product, [forecast]);
      if (run === null || forecast.run.id > run.id) run = forecast.run;
    }
    if (run === null) return null;
    const window = windowOf(query, run, history);
    const previous = await this.previousDays(window, [...byProduct.keys()], places);
    const summaries = [...byProduct].map(([id, series]) =>
      summariseProduct(live.get(id)!, series, previous && (previous.get(id) ?? new Float64Array(window.days)), window),
    );
    summaries.sort((a, b) => b.predicted - a.predicted || a.product.id - b.product.id);
    return { run, window, products: summaries };
  }

  /** Units sold on each day of the previous period by product; null where the history does not cover it. */
  private async previousDays(
    { previousFromDay, days }: SummaryWindow,
    products: readonly number[],
    places: readonly number[],
  ): Promise<Map<number, Float64Array> | null> {
    if (previousFromDay === null) return null;
    const sold = new Map(products.map((product) => [product, new Float64Array(days)]));
    const units = await this.histories.dailyUnits({
      from: isoOf(previousFromDay),
      to: isoOf(previousFromDay + days - 1),
      locations: places,
    });
    for (const { product, date, quantity } of units) {
      const series = sold.get(product);
      if (series) series[dayOf(date) - previousFromDay] = quantity;
    }
    return sold;
  }
}

/** The asked days as far as the run forecasts them, and the as many days before them that are known. */
function windowOf(
  query: ForecastSummaryQuery,
  run: ForecastRun,
  history: { readonly first: string | null; readonly last: string | null },
): SummaryWindow {
  const firstDay = dayOf(run.businessDate) + 1;
  const lastDay = firstDay + run.horizonDays - 1;
  const from = query.from === undefined ? firstDay : dayOf(query.from);
  const to = query.to === undefined ? lastDay : dayOf(query.to);
  const covered = `the forecast covers ${isoOf(firstDay)} to ${isoOf(lastDay)}`;
  if (from > lastDay) throw new InvalidRequestError('from', covered);
  if (to < firstDay) throw new InvalidRequestError('to', covered);
  if (to < from) throw new InvalidRequestError('to', 'must not be before from');
  const fromDay = Math.max(from, firstDay);
  const days = Math.min(to, lastDay) - fromDay + 1;
  // The run may be older than the newest sales; what is compared with are always days before the window.
  const known = Math.min(fromDay - 1, history.last === null ? -Infinity : dayOf(history.last));
  const previousFromDay = known - days + 1;
  const reaches = history.first !== null && previousFromDay >= dayOf(history.first);
  return { fromDay, days, previousFromDay: reaches ? previousFromDay : null };
}
