import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Sufficiency } from '../../engine/index.ts';
import { CacheStore, SingleFlight } from '../../platform/cache/index.ts';
import { InvalidRequestError, NotFoundError, Principal } from '../../platform/http/index.ts';
import { CatalogueProduct, CatalogueService } from '../../products/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { WEEKLY_SERIES } from '../batch/weekly-store.ts';
import { seriesAnswerKey, ttlSeconds } from '../cache-keys.ts';
import { LiveForecast, LiveForecasts } from '../live/live-forecasts.ts';
import { shortest } from '../live/shortest.ts';
import { DEFAULT_HORIZON_DAYS, ForecastRequests, LongWork } from '../requests.ts';
import { confidenceScore } from '../training/confidence.ts';
import { ForecastEpoch } from './forecast-epoch.ts';
import { Place, Places } from './places.ts';
import { CURRENT_SERIES, VINTAGE_SERIES } from './series-query.ts';
import { pointOf, SeriesForecastDto, SeriesForecastQuery, StoredDay } from './series-forecast.dto.ts';

interface Row extends StoredDay {
  readonly date: string;
  readonly runId: string;
  readonly modelVersion: string;
  readonly generatedAt: Date;
  readonly sufficiency: Sufficiency;
  readonly businessDate: string;
  readonly lastDay: string;
  readonly degraded: readonly string[];
}

/** Ready text and whether it came from the cache, or the job that will make what was asked for. */
export type SeriesAnswer =
  { readonly body: string; readonly hit: boolean } | { readonly body?: undefined; readonly job: LongWork };

/** What an answer shows and the business date it counts from. */
interface Made {
  readonly forecast: SeriesForecastDto;
  readonly businessDay: number;
  readonly live: boolean;
}

/** Longest a forecast made on request is kept, seconds: another champion does not end it. */
const LIVE_TTL_SECONDS = 300;

/** Forecasts of single series as ready JSON text. */
@Injectable()
export class SeriesForecastService {
  private readonly flights = new SingleFlight();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
    private readonly cache: CacheStore,
    private readonly epoch: ForecastEpoch,
    private readonly live: LiveForecasts,
    private readonly requests: ForecastRequests,
  ) {}

  /**
   * The answer about a series: from the cache, the database or, where nothing is stored, made now.
   * @throws InvalidRequestError, NotFoundError, ForbiddenError
   */
  async answer(caller: Principal, productId: string, query: SeriesForecastQuery): Promise<SeriesAnswer> {
    const { from, to, as_of: asOf } = query;
    if (from !== undefined && to !== undefined && from > to) throw new InvalidRequestError('from', 'lies after to');
    const [product, place] = await Promise.all([
      this.catalogue.productByPublicId(productId),
      this.places.one(caller, query.location_id),
    ]);
    const epoch = `${this.epoch.current}.${product.sku}`;
    const key = seriesAnswerKey({
      epoch,
      productId: product.productId,
      locationId: place.locationId ?? undefined,
      from,
      to,
      asOf,
      grain: query.grain ?? 'day',
    });
    const cached = await this.cache.get(key);
    if (cached !== null) return { body: cached, hit: true };
    return this.flights.run<SeriesAnswer>(key, async () => {
      const made = await this.make(product, place, query);
      if (made === 'too_much') {
        const horizonDays = DEFAULT_HORIZON_DAYS;
        return { job: await this.requests.generate({ products: [product.id], horizonDays }, caller.userId) };
      }
      const body = JSON.stringify(made.forecast);
      await this.cache.set(key, body, ttlOf(made));
      return { body, hit: false };
    });
  }

  /** @throws NotFoundError where neither is stored nor can be made what was asked for */
  private async make(product: CatalogueProduct, place: Place, query: SeriesForecastQuery): Promise<Made | 'too_much'> {
    const stored = await this.read(product, place, query);
    // Weeks are made by the batch alone: their quantiles take more computing than a client waits for.
    if (query.as_of !== undefined || query.grain === 'week') {
      if (!stored) throw new NotFoundError('Forecast');
      return stored;
    }
    const isBeyond = stored !== null && query.to !== undefined && query.to > stored.lastDay;
    if (stored && !isBeyond) return stored;
    const outcome = await this.live.of(product, place.id, query.to);
    if (outcome.kind === 'ready') return made(product, place, query, outcome.forecast);
    if (stored)
      return { ...stored, forecast: { ...stored.forecast, degraded: [...stored.forecast.degraded, 'horizon'] } };
    if (outcome.kind === 'too_much') return 'too_much';
    throw new NotFoundError('Forecast');
  }

  /** What is stored, and the last day of its run; null where nothing is. */
  private async read(
    product: CatalogueProduct,
    place: Place,
    query: SeriesForecastQuery,
  ): Promise<(Made & { lastDay: string }) | null> {
    const { grain = 'day' } = query;
    const series = query.as_of === undefined ? CURRENT_SERIES : VINTAGE_SERIES;
    const rows = await this.dataSource.query<Row[]>(grain === 'week' ? WEEKLY_SERIES : series, [
      product.id,
      place.id,
      query.from ?? null,
      query.to ?? null,
      query.as_of ?? null,
    ]);
    if (rows.length === 0) return null;
    const [head] = rows;
    const forecast: SeriesForecastDto = {
      product_id: product.productId,
      sku: product.sku,
      location_id: place.locationId,
      run_id: head.runId,
      model_version: head.modelVersion,
      generated_at: head.generatedAt.toISOString(),
      grain,
      data_sufficiency: head.sufficiency,
      degraded: [...head.degraded],
      points: rows.filter(({ date }) => date !== null).map(pointOf),
    };
    return { forecast, businessDay: dayOf(head.businessDate), live: false, lastDay: head.lastDay };
  }
}

function made(product: CatalogueProduct, place: Place, { from, to }: SeriesForecastQuery, live: LiveForecast): Made {
  const days = Array.from(live.mean, (mean, at): StoredDay => {
    const [p10, p50, p90] = [live.p10[at], live.p50[at], live.p90[at]];
    const confidence = Math.fround(confidenceScore(mean, p10, p90, live.calibration));
    return {
      date: isoOf(live.businessDay + 1 + at),
      mean: shortest(mean),
      p10: shortest(p10),
      p50: shortest(p50),
      p90: shortest(p90),
      confidence: shortest(confidence),
    };
  }).filter(({ date }) => (from === undefined || date >= from) && (to === undefined || date <= to));
  return {
    businessDay: live.businessDay,
    live: true,
    forecast: {
      product_id: product.productId,
      sku: product.sku,
      location_id: place.locationId,
      run_id: null,
      model_version: live.modelVersion,
      generated_at: live.generatedAt.toISOString(),
      grain: 'day',
      data_sufficiency: live.sufficiency,
      degraded: [...live.degraded],
      points: days.map(pointOf),
    },
  };
}

function ttlOf({ forecast, businessDay, live }: Made): number {
  const [first] = forecast.points;
  const ttl = ttlSeconds(first ? dayOf(first.forecast_date) - businessDay : 1);
  return live ? Math.min(ttl, LIVE_TTL_SECONDS) : ttl;
}
