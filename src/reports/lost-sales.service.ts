import { Injectable } from '@nestjs/common';
import { AvailabilityService } from '../forecasts/index.ts';
import { visibleLocations } from '../inventory/index.ts';
import { InvalidRequestError } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import type { LostSalesDto, LostSalesQuery, LostSalesRowDto } from './dto/lost-sales.dto.ts';
import { rounded } from './rounded.ts';

/** Columns of the CSV, in order. */
export const LOST_SALES_COLUMNS = [
  'product_id',
  'sku',
  'name',
  'category',
  'location_id',
  'location_code',
  'stockout_days',
  'units_sold',
  'estimated_demand',
  'lost_units',
  'lost_revenue',
] as const satisfies readonly (keyof LostSalesRowDto)[];

/** The report of what empty shelves cost. */
@Injectable()
export class LostSalesService {
  constructor(
    private readonly availability: AvailabilityService,
    private readonly catalogue: CatalogueService,
  ) {}

  /** The sums, and the dearest rows. @throws InvalidRequestError, NotFoundError for a place that is not the caller's */
  async report(query: LostSalesQuery, caller: Principal): Promise<LostSalesDto> {
    const rows = await this.rows(query, caller);
    const sum = (of: (row: LostSalesRowDto) => number) => rows.reduce((total, row) => total + of(row), 0);
    return {
      from: query.from,
      to: query.to,
      stockout_days: sum((row) => row.stockout_days),
      lost_units: rounded(
        sum((row) => row.lost_units),
        3,
      ),
      lost_revenue: rounded(
        sum((row) => row.lost_revenue ?? 0),
        2,
      ),
      items: rows.slice(0, query.limit),
    };
  }

  /** All rows, the dearest first. @throws as {@link report} */
  async rows({ from, to, location_id, category }: LostSalesQuery, caller: Principal): Promise<LostSalesRowDto[]> {
    if (from > to) throw new InvalidRequestError('from', 'lies after to');
    const [products, all] = await Promise.all([this.catalogue.allLiveProducts(), this.catalogue.allLiveLocations()]);
    const locations = new Map(visibleLocations(all, caller, location_id).map((location) => [location.id, location]));
    const byId = new Map(products.map((product) => [product.id, product]));
    const lost = await this.availability.lostSales({ from, to, locations: [...locations.keys()], category });
    return lost.flatMap(({ product: productKey, location: locationKey, ...figures }): LostSalesRowDto[] => {
      const [product, location] = [byId.get(productKey), locations.get(locationKey)];
      if (!product || !location) return [];
      return [
        {
          product_id: product.productId,
          sku: product.sku,
          name: product.name,
          category: product.category,
          location_id: location.locationId,
          location_code: location.code,
          stockout_days: figures.stockoutDays,
          units_sold: rounded(figures.sold, 3),
          estimated_demand: rounded(figures.demand, 3),
          lost_units: rounded(figures.lostUnits, 3),
          lost_revenue: figures.lostRevenue === null ? null : rounded(figures.lostRevenue, 2),
        },
      ];
    });
  }
}
