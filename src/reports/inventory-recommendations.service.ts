import { Injectable } from '@nestjs/common';
import { RecommendationsService, visibleLocations } from '../inventory/index.ts';
import type { Recommendation } from '../inventory/index.ts';
import { decodeCursor, InvalidRequestError, toPage } from '../platform/http/index.ts';
import type { Page, Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import { InventoryRecommendationDto } from './dto/inventory-recommendations.dto.ts';
import type { ReportQuery } from './dto/report.dto.ts';
import { compareUrgency, urgencyOf } from './urgency.ts';
import type { UrgencyKey } from './urgency.ts';

/** Columns of the CSV, in order. */
export const RECOMMENDATION_COLUMNS = [
  'product_id',
  'sku',
  'name',
  'category',
  'location_id',
  'location_code',
  'on_hand',
  'on_order',
  'lead_time_days',
  'service_level',
  'lead_time_demand',
  'lead_time_demand_quantile',
  'safety_stock',
  'reorder_point',
  'recommended_quantity',
  'stockout_probability',
  'expected_waste',
  'reason',
] as const satisfies readonly (keyof InventoryRecommendationDto)[];

interface Ranked {
  readonly key: UrgencyKey;
  readonly recommendation: Recommendation;
}

/** The report of what to order, the most urgent first. */
@Injectable()
export class InventoryRecommendationsService {
  constructor(
    private readonly recommendations: RecommendationsService,
    private readonly catalogue: CatalogueService,
  ) {}

  /** One page. @throws NotFoundError for a place that is not the caller's */
  async page(query: ReportQuery, caller: Principal): Promise<Page<InventoryRecommendationDto>> {
    const after = urgencyCursor(query.cursor);
    const ranked = await this.ranked(query, caller);
    const rest = after ? ranked.filter(({ key }) => compareUrgency(key, after) > 0) : ranked;
    return toPage(
      rest.slice(0, query.limit + 1),
      query.limit,
      ({ key }) => [...key],
      ({ recommendation }) => InventoryRecommendationDto.of(recommendation),
    );
  }

  /** All rows, made one by one as they are read. @throws NotFoundError for a place that is not the caller's */
  async rows(query: ReportQuery, caller: Principal): Promise<Iterable<InventoryRecommendationDto>> {
    return presented(await this.ranked(query, caller));
  }

  private async ranked(query: ReportQuery, caller: Principal): Promise<Ranked[]> {
    const locations = visibleLocations(await this.catalogue.allLiveLocations(), caller, query.location_id);
    const recommendations = await this.recommendations.recommend({
      locations: locations.map(({ id }) => id),
      category: query.category,
    });
    return recommendations
      .map((recommendation) => ({ key: urgencyOf(recommendation), recommendation }))
      .sort((a, b) => compareUrgency(a.key, b.key));
  }
}

function* presented(ranked: readonly Ranked[]): Generator<InventoryRecommendationDto, void, undefined> {
  for (const { recommendation } of ranked) yield InventoryRecommendationDto.of(recommendation);
}

function urgencyCursor(cursor: string | undefined): UrgencyKey | null {
  const key = decodeCursor(cursor, 5);
  if (!key) return null;
  if (!key.every((part) => typeof part === 'number')) {
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  }
  return key as unknown as UrgencyKey;
}
