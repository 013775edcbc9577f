import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Principal } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import type { AccuracyDto, ProductLiveAccuracyDto, ModelAccuracyDto } from './accuracy.dto.ts';
import { SalesService } from '../../sales/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { groupBy } from '../group-by.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { productAccuracy } from '../monitoring/product-accuracy.ts';
import { JudgedDay, measure, measureByHorizon, Scale } from './measures.ts';
import { Places } from './places.ts';

interface Row extends JudgedDay, Scale {
  readonly version: string;
  readonly stage: string;
}

/** So many of the newest models that held the product out are shown. */
const MODELS_SHOWN = 10;

/** Forecasts are kept for so many days, so older sales could not be judged by all of them. */
const LIVE_DAYS = 90;

/** Computes accuracy from the held-out days that are kept with each model. */
@Injectable()
export class AccuracyService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
    private readonly sales: SalesService,
  ) {}

  /** @throws NotFoundError, ForbiddenError */
  async accuracy(caller: Principal, productId: string, locationId: string | undefined): Promise<AccuracyDto> {
    const product = await this.catalogue.productByPublicId(productId);
    const place = await this.places.one(caller, locationId);
    const rows = await this.dataSource.query<Row[]>(
      `SELECT m.version, m.stage, h.date, h.horizon, h.actual, h.mean, h.seasonal_naive AS "seasonalNaive",
         h.p10, h.p90, h.quantiles, c.mean_absolute AS "meanAbsolute", c.mean_squared AS "meanSquared"
       FROM holdout_forecasts h
       JOIN model_versions m ON m.id = h.model
       JOIN holdout_scales c ON c.product = h.product AND c.location = h.location AND c.model = h.model
       WHERE h.product = $1 AND h.location = $2 AND h.model IN (
         SELECT model FROM holdout_scales WHERE product = $1 AND location = $2 ORDER BY model DESC LIMIT ${MODELS_SHOWN})
       ORDER BY h.model DESC, h.date`,
      [product.id, place.id],
    );
    const models = [...groupBy(rows, ({ version }) => version).values()].map(modelAccuracy);
    const shown = models.find(({ stage }) => stage === 'champion') ?? models.at(0);
    return {
      product_id: product.productId,
      sku: product.sku,
      location_id: place.locationId,
      model_version: shown?.model_version ?? null,
      metrics: shown?.metrics ?? null,
      by_horizon: shown?.by_horizon ?? [],
      models,
      live: await this.live(product.id, place.id),
    };
  }

  private async live(product: number, location: number): Promise<ProductLiveAccuracyDto[]> {
    const to = await this.sales.businessDate();
    if (to === null) return [];
    const days = Array.from({ length: LIVE_DAYS }, (_, back) => isoOf(dayOf(to) - back));
    const found = await productAccuracy(this.dataSource, product, location === NO_LOCATION ? null : location, days);
    return found.map(({ version, first, last, pinball, ...measures }) => ({
      model_version: version,
      from: first,
      to: last,
      ...measures,
      pinball: [...pinball],
    }));
  }
}

function modelAccuracy(rows: Row[]): ModelAccuracyDto {
  const [head] = rows;
  return {
    model_version: head.version,
    stage: head.stage,
    hold_out_from: head.date,
    hold_out_to: (rows.at(-1) as Row).date,
    metrics: measure(rows, head),
    by_horizon: measureByHorizon(rows, head),
  };
}
