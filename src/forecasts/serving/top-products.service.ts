import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CacheStore, SingleFlight } from '../../platform/cache/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { CatalogueProduct, CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { CACHE_TTL_SECONDS, topProductsKey } from '../cache-keys.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { ForecastEpoch } from './forecast-epoch.ts';
import { Place, Places } from './places.ts';
import { rank } from './ranking.ts';
import { Period, PERIOD_DAYS, TopProductDto, TopProductsDto, TopProductsQuery } from './top-products.dto.ts';

/** A ranking as it is cached, with the state of the forecasts before it was made. */
interface CachedRanking {
  readonly epoch: string;
  readonly generatedAt: string | null;
  readonly products: TopProductDto[];
}

/** Ranks products by expected demand. */
@Injectable()
export class TopProductsService {
  private readonly flights = new SingleFlight();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly places: Places,
    private readonly cache: CacheStore,
    private readonly epoch: ForecastEpoch,
  ) {}

  /** The answer's text and whether the ranking was ready. @throws NotFoundError */
  async answer(caller: Principal, query: TopProductsQuery): Promise<{ body: string; hit: boolean }> {
    const places = await this.places.several(caller, query.location_id);
    const products = await this.catalogue.allLiveProducts();
    const category = query.category === undefined ? undefined : spelling(query.category, products);
    const locationIds = places.flatMap(({ locationId }) => (locationId === null ? [] : [locationId]));
    const key = topProductsKey(category, query.time_period, locationIds);
    const cached = await this.cached(key);
    if (cached) return { body: present(cached, query.limit), hit: true };
    const ranking = await this.flights.run(key, async () => {
      const inCategory = products.filter((product) => category === undefined || product.category === category);
      const made = await this.make(inCategory, places, query.time_period);
      // Nothing to rank yet, or a category nobody has: not worth an entry, and names from outside are without end.
      if (made.products.length) await this.cache.set(key, JSON.stringify(made), CACHE_TTL_SECONDS);
      return made;
    });
    return { body: present(ranking, query.limit), hit: false };
  }

  private async cached(key: string): Promise<CachedRanking | null> {
    const text = await this.cache.get(key);
    if (text === null) return null;
    const ranking = JSON.parse(text) as CachedRanking;
    return ranking.epoch === this.epoch.current ? ranking : null;
  }

  private async make(products: readonly CatalogueProduct[], places: Place[], period: Period): Promise<CachedRanking> {
    const epoch = this.epoch.current;
    const businessDate = await this.sales.businessDate();
    if (businessDate === null || products.length === 0) return { epoch, generatedAt: null, products: [] };
    const today = dayOf(businessDate);
    const locations = places.map(({ id }) => id);
    const rows = await this.dataSource.query<{ product: number; units: number; last: string; generatedAt: Date }[]>(
      `SELECT f.product, sum(f.mean::float8) AS units, max(f.forecast_date) AS last, max(r.generated_at) AS "generatedAt"
       FROM forecast_series s
       JOIN forecasts f ON f.product = s.product AND f.location = s.location AND f.run = s.run
       JOIN forecast_runs r ON r.id = s.run
       WHERE s.location = ANY($1) AND s.product = ANY($2) AND f.forecast_date > $3 AND f.forecast_date <= $4
       GROUP BY f.product`,
      [locations, products.map(({ id }) => id), businessDate, isoOf(today + PERIOD_DAYS[period])],
    );
    if (rows.length === 0) return { epoch, generatedAt: null, products: [] };
    // What lies beyond the horizon is not guessed: both sides count the days that are forecast.
    const days = Math.max(...rows.map(({ last }) => dayOf(last))) - today;
    const predicted = new Map(rows.map(({ product, units }) => [product, units]));
    const previous = await this.unitsSold(today - days + 1, today, locations, [...predicted.keys()]);
    const generatedAt = new Date(Math.max(...rows.map((row) => row.generatedAt.getTime()))).toISOString();
    return { epoch, generatedAt, products: rank(products, predicted, previous) };
  }

  private async unitsSold(
    fromDay: number,
    toDay: number,
    locations: number[],
    products: number[],
  ): Promise<Map<number, number>> {
    const units = new Map<number, number>();
    const everywhere = locations.length === 1 && locations[0] === NO_LOCATION;
    await withBulkConnection(this.config, (client) =>
      this.sales.readPanelRows(
        client,
        { fromDay, products, ...(everywhere ? {} : { locations }) },
        (product, _location, day, quantity) => {
          if (day <= toDay) units.set(product, (units.get(product) ?? 0) + quantity);
        },
      ),
    );
    return units;
  }
}

/** A category as the catalogue writes it, whatever case the client used; unknown ones stay as they are. */
function spelling(category: string, products: readonly CatalogueProduct[]): string {
  if (products.some((product) => product.category === category)) return category;
  const lower = category.toLowerCase();
  return products.find((product) => product.category.toLowerCase() === lower)?.category ?? category;
}

function present(ranking: CachedRanking, limit: number): string {
  const products = ranking.products.slice(0, limit);
  const answer: TopProductsDto = { products, total: products.length, generated_at: ranking.generatedAt };
  return JSON.stringify(answer);
}
