import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Sufficiency } from '../../engine/index.ts';
import { CacheStore, SingleFlight } from '../../platform/cache/index.ts';
import { InvalidRequestError, NotFoundError, Principal } from '../../platform/http/index.ts';
import { CatalogueProduct, CatalogueService } from '../../products/index.ts';
import { CACHE_TTL_SECONDS, seriesAnswerKey } from '../cache-keys.ts';
import { ForecastEpoch } from './forecast-epoch.ts';
import { Place, Places } from './places.ts';
import { pointOf, SeriesForecastDto, SeriesForecastQuery, StoredDay } from './series-forecast.dto.ts';

interface Row extends StoredDay {
  readonly date: string;
  readonly runId: string;
  readonly modelVersion: string;
  readonly generatedAt: Date;
  readonly sufficiency: Sufficiency;
}

/** The series of $1 and $2 in the run that was its current one on the business date $5. */
const VINTAGE = `(
  SELECT v.* FROM run_series v JOIN forecast_runs b ON b.id = v.run
  WHERE v.product = $1 AND v.location = $2 AND v.published_at IS NOT NULL AND b.archived_at IS NULL
    AND b.business_date <= $5
  ORDER BY b.business_date DESC, v.published_at DESC LIMIT 1)`;

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
  ) {}

  /**
   * The answer's text and whether it came from the cache.
   * @throws InvalidRequestError, NotFoundError, ForbiddenError
   */
  async answer(
    caller: Principal,
    productId: string,
    query: SeriesForecastQuery,
  ): Promise<{ body: string; hit: boolean }> {
    const { from, to, as_of: asOf } = query;
    if (from !== undefined && to !== undefined && from > to) throw new InvalidRequestError('from', 'lies after to');
    const product = await this.catalogue.productByPublicId(productId);
    const place = await this.places.one(caller, query.location_id);
    const epoch = `${this.epoch.current}.${product.sku}`;
    const key = seriesAnswerKey({
      epoch,
      productId: product.productId,
      locationId: place.locationId ?? undefined,
      from,
      to,
      asOf,
    });
    const cached = await this.cache.get(key);
    if (cached !== null) return { body: cached, hit: true };
    return this.flights.run(key, async () => {
      const body = JSON.stringify(await this.read(product, place, query));
      await this.cache.set(key, body, CACHE_TTL_SECONDS);
      return { body, hit: false };
    });
  }

  private async read(product: CatalogueProduct, place: Place, query: SeriesForecastQuery): Promise<SeriesForecastDto> {
    // As of an earlier day: what was current when that day's sales were the latest.
    const series = query.as_of === undefined ? 'forecast_series' : VINTAGE;
    const rows = await this.dataSource.query<Row[]>(
      `SELECT r.run_id AS "runId", m.version AS "modelVersion", r.generated_at AS "generatedAt",
         s.data_sufficiency AS sufficiency, f.forecast_date AS date, f.mean, f.p10, f.p50, f.p90, f.confidence
       FROM ${series} s
       JOIN forecast_runs r ON r.id = s.run
       JOIN model_versions m ON m.id = r.model
       LEFT JOIN forecasts f ON f.product = s.product AND f.location = s.location AND f.run = s.run
         AND ($3::date IS NULL OR f.forecast_date >= $3) AND ($4::date IS NULL OR f.forecast_date <= $4)
       WHERE s.product = $1 AND s.location = $2 AND ($5::date IS NULL OR r.business_date <= $5)
       ORDER BY f.forecast_date`,
      [product.id, place.id, query.from ?? null, query.to ?? null, query.as_of ?? null],
    );
    if (rows.length === 0) throw new NotFoundError('Forecast');
    const [head] = rows;
    return {
      product_id: product.productId,
      sku: product.sku,
      location_id: place.locationId,
      run_id: head.runId,
      model_version: head.modelVersion,
      generated_at: head.generatedAt.toISOString(),
      data_sufficiency: head.sufficiency,
      degraded: [],
      points: rows.filter(({ date }) => date !== null).map(pointOf),
    };
  }
}
