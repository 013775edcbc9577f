import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { decodeCursor, InvalidRequestError, Page, Principal, toPage } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { isCivilDate } from '../../signals/index.ts';
import { ForecastListItemDto, ForecastListQuery } from './forecast-list.dto.ts';
import { Places } from './places.ts';
import { pointOf, StoredDay } from './series-forecast.dto.ts';

interface Row extends StoredDay {
  readonly product: number;
  readonly location: number;
  readonly runId: string;
  readonly modelVersion: string;
  readonly generatedAt: Date;
}

/** Lists current forecasts in (product, location, day) order. */
@Injectable()
export class ForecastListService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
  ) {}

  /** @throws InvalidRequestError, NotFoundError */
  async list(caller: Principal, query: ForecastListQuery): Promise<Page<ForecastListItemDto>> {
    const { date, from = date, to = date, limit } = query;
    if (date !== undefined && (query.from !== undefined || query.to !== undefined))
      throw new InvalidRequestError('date', 'cannot be combined with from and to');
    if (from !== undefined && to !== undefined && from > to) throw new InvalidRequestError('from', 'lies after to');
    const after = cursorOf(query.cursor);
    const places = await this.places.several(caller, query.location_id, query.pincode);
    const products = (await this.catalogue.allLiveProducts()).filter(
      ({ category }) => query.category === undefined || category === query.category,
    );
    const rows = await this.dataSource.query<Row[]>(
      `SELECT f.product, f.location, r.run_id AS "runId", m.version AS "modelVersion", r.generated_at AS "generatedAt",
         f.forecast_date AS date, f.mean, f.p10, f.p50, f.p90, f.confidence
       FROM forecast_series s
       JOIN forecasts f ON f.product = s.product AND f.location = s.location AND f.run = s.run
       JOIN forecast_runs r ON r.id = s.run
       JOIN model_versions m ON m.id = r.model
       WHERE s.location = ANY($1) AND s.product = ANY($2) AND s.product >= $3
         AND ($4::date IS NULL OR f.forecast_date >= $4) AND ($5::date IS NULL OR f.forecast_date <= $5)
         AND ($6::date IS NULL OR (f.product, f.location, f.forecast_date) > ($3, $7::int, $6::date))
       ORDER BY f.product, f.location, f.forecast_date LIMIT $8`,
      [
        places.map(({ id }) => id),
        products.map(({ id }) => id),
        after?.product ?? 0,
        from ?? null,
        to ?? null,
        after?.date ?? null,
        after?.location ?? 0,
        limit + 1,
      ],
    );
    const productOf = new Map(products.map((product) => [product.id, product]));
    const locationOf = new Map(places.map((place) => [place.id, place.locationId]));
    return toPage(
      rows,
      limit,
      (row) => [row.product, row.location, row.date],
      (row) => {
        const product = productOf.get(row.product);
        return {
          product_id: product?.productId ?? '',
          sku: product?.sku ?? '',
          name: product?.name ?? '',
          category: product?.category ?? '',
          location_id: locationOf.get(row.location) ?? null,
          run_id: row.runId,
          model_version: row.modelVersion,
          generated_at: row.generatedAt.toISOString(),
          ...pointOf(row),
        };
      },
    );
  }
}

function cursorOf(cursor: string | undefined): { product: number; location: number; date: string } | undefined {
  const parts = decodeCursor(cursor, 3);
  if (!parts) return undefined;
  const [product, location, date] = parts;
  if (!Number.isSafeInteger(product) || !Number.isSafeInteger(location) || !isCivilDate(date))
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  return { product: Number(product), location: Number(location), date };
}
