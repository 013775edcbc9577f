import { Injectable } from '@nestjs/common';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ForecastsService } from '../forecasts/index.ts';
import { CatalogueService } from '../products/index.ts';
import type { CatalogueLocation, CatalogueProduct } from '../products/index.ts';
import { SalesService } from '../sales/index.ts';
import { dayOf } from '../signals/index.ts';
import { recommendSeries } from './recommend-series.ts';
import type { SeriesRecommendation } from './recommend-series.ts';
import { StockService } from './stock.service.ts';
import { placeKey } from './stock.types.ts';

/** Which series to advise on. Locations are the facts' keys. */
export interface RecommendationFilter {
  readonly locations: readonly number[];
  readonly category?: string;
}

/** What to order of a product for a location, and why. */
export interface Recommendation extends SeriesRecommendation {
  readonly product: CatalogueProduct;
  readonly location: CatalogueLocation;
}

/** Longest stretch of arithmetic before other requests get their turn, milliseconds. */
const TURN_MS = 10;

/** Order recommendations from the current forecasts, the purchasing terms and the stock. */
@Injectable()
export class RecommendationsService {
  constructor(
    private readonly forecasts: ForecastsService,
    private readonly catalogue: CatalogueService,
    private readonly stock: StockService,
    private readonly sales: SalesService,
  ) {}

  /**
   * One recommendation for each live product at each of the locations that has a forecast, in (product, location) order
   * of the facts' keys. Reads everything in a fixed number of queries, however many series there are.
   */
  async recommend({ locations: wanted, category }: RecommendationFilter): Promise<Recommendation[]> {
    const [series, products, locations, levels, businessDate] = await Promise.all([
      this.forecasts.dailyForecasts({ locations: wanted, category }),
      this.catalogue.allLiveProducts(),
      this.catalogue.allLiveLocations(),
      this.stock.levels({ locations: wanted }),
      this.sales.businessDate(),
    ]);
    const productOf = new Map(products.map((product) => [product.id, product]));
    const locationOf = new Map(locations.map((location) => [location.id, location]));
    const recommendations: Recommendation[] = [];
    let turn = performance.now();
    for (const forecast of series) {
      const product = productOf.get(forecast.product);
      const location = locationOf.get(forecast.location);
      if (!product || !location) continue;
      const today = businessDate === null ? forecast.startDay : dayOf(businessDate) + 1;
      const advice = recommendSeries(forecast, product, levels.get(placeKey(forecast)), today);
      recommendations.push({ ...advice, product, location });
      if (performance.now() - turn > TURN_MS) {
        await nextTurn();
        turn = performance.now();
      }
    }
    return recommendations;
  }
}
