import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CatalogueService } from '../products/index.ts';
import { NotFoundError } from '../platform/http/index.ts';
import { Reads } from '../platform/reads/index.ts';
import type { Gaps } from './import/file-profile.ts';

/** Unit of time that history is summed to. */
export type HistoryGrain = 'day' | 'week' | 'month';

/** Which sales are asked for. Days are ISO dates, both ends included. */
export interface HistoryRequest {
  readonly productId: string;
  readonly locationId: string | undefined;
  /** Public ids the caller is limited to; empty = all. */
  readonly allowedLocationIds: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly grain: HistoryGrain;
  /** Only what starts after this date. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Sales of a product in one unit of time. */
export interface HistoryPoint {
  readonly date: string;
  readonly quantity: number;
  readonly revenue: number | null;
  readonly price: number | null;
  readonly created_at: Date;
}

/** Which sales to sum by product and day. Days are ISO dates, both ends included; locations by the facts' own keys. */
export interface DailyUnitsRequest {
  readonly from: string;
  readonly to: string;
  readonly locations: readonly number[];
}

/** Units of a product on a day. */
export interface DailyUnits {
  readonly product: number;
  readonly date: string;
  readonly quantity: number;
}

/** Totals of the sales a caller may see. */
export interface SalesSummary {
  readonly firstDate: string | null;
  readonly lastDate: string | null;
  readonly quantity: number;
  readonly revenue: number;
  readonly rows: number;
  readonly zeroRows: number;
  readonly products: number;
  readonly locations: number;
  readonly series: number;
  readonly gaps: Gaps;
}

const LISTED_GAPS = 20;
/** First day of the unit of time a row falls into; weeks start on Monday. */
const BUCKET: Readonly<Record<HistoryGrain, string>> = {
  day: 'date',
  week: `date - (extract(isodow FROM date)::int - 1)`,
  month: `date - (extract(day FROM date)::int - 1)`,
};
/** First day after the unit of time that starts on a day. */
const NEXT: Readonly<Record<HistoryGrain, string>> = {
  day: `$5::date + 1`,
  week: `$5::date + 7`,
  month: `($5::date + interval '1 month')::date`,
};

/** Reads history and totals. */
@Injectable()
export class SalesHistoryService {
  constructor(
    private readonly reads: Reads,
    private readonly catalogue: CatalogueService,
  ) {}

  /** @throws NotFoundError for an unknown product, or a location that is unknown or not the caller's */
  async history(request: HistoryRequest): Promise<HistoryPoint[]> {
    const product = await this.catalogue.productByPublicId(request.productId);
    const { grain } = request;
    const locations = await this.locationKeys(request.locationId, request.allowedLocationIds);
    const sums = (manager: EntityManager) =>
      manager.query<HistoryPoint[]>(
        `SELECT ${BUCKET[grain]} AS date, sum(quantity_sold) AS quantity, sum(revenue) AS revenue,
         CASE WHEN count(*) = 1 THEN min(price)
              ELSE coalesce(sum(revenue) FILTER (WHERE quantity_sold > 0)
                            / nullif(sum(quantity_sold) FILTER (WHERE revenue IS NOT NULL), 0), avg(price)) END AS price,
         max(created_at) AS created_at
       FROM sales
       WHERE product = $1 AND ($2::int[] IS NULL OR location = ANY($2)) AND date BETWEEN $3 AND $4
         AND ($5::date IS NULL OR date >= ${NEXT[grain]})
       GROUP BY 1 ORDER BY 1 LIMIT $6`,
        [product.id, locations, request.from, request.to, request.after ?? null, request.limit],
      );
    return this.reads.read(sums);
  }

  /** Units sold of each product on each of some days, summed over locations; days without a row are left out. */
  dailyUnits({ from, to, locations }: DailyUnitsRequest): Promise<DailyUnits[]> {
    return this.reads.read((manager) =>
      manager.query<DailyUnits[]>(
        `SELECT product, date, sum(quantity_sold) AS quantity FROM sales
         WHERE date BETWEEN $1 AND $2 AND location = ANY ($3) GROUP BY product, date`,
        [from, to, locations],
      ),
    );
  }

  /** @param allowedLocationIds public ids the caller is limited to; empty = all */
  async summary(allowedLocationIds: readonly string[]): Promise<SalesSummary> {
    const locations = await this.locationKeys(undefined, allowedLocationIds);
    return this.reads.read((manager) => summarise(manager, locations));
  }

  /** Keys of the locations to sum over; null = all. */
  private async locationKeys(locationId: string | undefined, allowed: readonly string[]): Promise<number[] | null> {
    if (locationId !== undefined) {
      if (allowed.length && !allowed.includes(locationId.toLowerCase())) throw new NotFoundError('Location');
      return [(await this.catalogue.locationByPublicId(locationId)).id];
    }
    if (!allowed.length) return null;
    const locations = await this.catalogue.allLiveLocations();
    return locations.filter((location) => allowed.includes(location.locationId)).map(({ id }) => id);
  }
}

/** Totals from what each load keeps up, without a look at the sales themselves. @param locations null = all */
async function summarise(manager: EntityManager, locations: readonly number[] | null): Promise<SalesSummary> {
  const [totals] = await manager.query<Omit<SalesSummary, 'gaps' | 'products' | 'series'>[]>(
    `SELECT min(date) AS "firstDate", max(date) AS "lastDate", coalesce(sum(quantity), 0) AS quantity,
       coalesce(sum(revenue), 0) AS revenue, coalesce(sum(sales_rows), 0) AS rows, coalesce(sum(zero_rows), 0) AS "zeroRows",
       count(DISTINCT location) AS locations
     FROM sales_daily WHERE $1::int[] IS NULL OR location = ANY($1)`,
    [locations],
  );
  const [series] = await manager.query<{ products: number; series: number }[]>(
    `SELECT count(DISTINCT product) AS products, count(*) AS series
     FROM sales_series WHERE $1::int[] IS NULL OR location = ANY($1)`,
    [locations],
  );
  return { ...totals, ...series, gaps: await gapsOf(manager, locations) };
}

async function gapsOf(manager: EntityManager, locations: readonly number[] | null): Promise<Gaps> {
  const rows = await manager.query<{ from: string; to: string; days: number }[]>(
    `SELECT date + 1 AS "from", next - 1 AS "to", next - date - 1 AS days
     FROM (SELECT date, lead(date) OVER (ORDER BY date) AS next
           FROM (SELECT DISTINCT date FROM sales_daily WHERE $1::int[] IS NULL OR location = ANY($1)) seen) pairs
     WHERE next > date + 1 ORDER BY date`,
    [locations],
  );
  return {
    days: rows.reduce((sum, { days }) => sum + days, 0),
    stretches: rows.slice(0, LISTED_GAPS).map(({ from, to }) => ({ from, to })),
  };
}
