import { Injectable } from '@nestjs/common';
import { ForbiddenError, InvalidRequestError, NotFoundError, Principal } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { DEFAULT_HORIZON_DAYS, ForecastRequests, LongWork, WEEKS_AHEAD } from '../requests.ts';
import type { GenerateForecastsDto } from './generate.dto.ts';

/** Takes requests for forecasts: turns what clients name into what the catalogue knows. */
@Injectable()
export class GenerationService {
  constructor(
    private readonly catalogue: CatalogueService,
    private readonly requests: ForecastRequests,
  ) {}

  /** @throws InvalidRequestError naming the field whose ids are unknown, NoSalesError, NotFoundError for others' places */
  async request(caller: Principal, body: GenerateForecastsDto): Promise<LongWork> {
    const { product_ids: productIds, category, location_ids: named, horizon_days: horizonDays } = body;
    if (body.grain === 'week') return this.weeks(caller, body);
    // A caller who sees some places only asks for those.
    const locationIds = named ?? (caller.locationIds.length ? [...caller.locationIds] : undefined);
    if (caller.locationIds.length && locationIds?.some((id) => !caller.locationIds.includes(id.toLowerCase())))
      throw new NotFoundError('Location');
    const products = productIds || category !== undefined ? await this.catalogue.allLiveProducts() : [];
    const locations = locationIds ? await this.catalogue.allLiveLocations() : [];
    if (category !== undefined && !products.some((product) => product.category === category))
      throw new InvalidRequestError('category', `no product has the category ${category}`);
    return this.requests.generate(
      {
        products: productIds && idsOf('product_ids', productIds, new Map(products.map((p) => [p.productId, p.id]))),
        category,
        locations:
          locationIds && idsOf('location_ids', locationIds, new Map(locations.map((l) => [l.locationId, l.id]))),
        horizonDays: horizonDays ?? DEFAULT_HORIZON_DAYS,
      },
      caller.userId,
    );
  }

  private weeks(caller: Principal, body: GenerateForecastsDto): Promise<LongWork> {
    const narrowing = (['product_ids', 'category', 'location_ids', 'horizon_days'] as const).find(
      (field) => body[field] !== undefined,
    );
    if (narrowing) throw new InvalidRequestError(narrowing, 'cannot be combined with whole weeks');
    if (caller.locationIds.length) throw new ForbiddenError('Weeks are forecast for all locations together');
    return this.requests.batch({ grain: 'week', periods: WEEKS_AHEAD }, caller.userId);
  }
}

function idsOf(field: string, publicIds: readonly string[], known: ReadonlyMap<string, number>): number[] {
  return publicIds.map((publicId) => {
    const id = known.get(publicId.toLowerCase());
    if (id === undefined) throw new InvalidRequestError(field, `${publicId} is unknown`);
    return id;
  });
}
