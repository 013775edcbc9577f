import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { SegmentWeights } from '../../engine/index.ts';
import { NotFoundError, Principal } from '../../platform/http/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { groupBy } from '../group-by.ts';
import { NO_LOCATION } from '../location-zero.ts';
import type { ComponentPointDto, ComponentsDto } from './components.dto.ts';
import { Places } from './places.ts';

interface Head {
  readonly segment: string;
  readonly runId: string;
  readonly members: string[];
  readonly modelVersion: string;
  readonly weights: SegmentWeights[];
}

interface MemberDay {
  readonly date: string;
  readonly mean: number;
  readonly members: number[];
}

/** The members' forecasts behind an ensemble forecast. */
@Injectable()
export class ComponentsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
  ) {}

  /** @throws NotFoundError, ForbiddenError */
  async components(caller: Principal, productId: string, locationId: string | undefined): Promise<ComponentsDto> {
    const product = await this.catalogue.productByPublicId(productId);
    const place = await this.places.one(caller, locationId);
    const [head] = await this.dataSource.query<Head[]>(
      `SELECT s.segment, r.run_id AS "runId", r.members, m.version AS "modelVersion", m.weights
       FROM forecast_series s JOIN forecast_runs r ON r.id = s.run JOIN model_versions m ON m.id = r.model
       WHERE s.product = $1 AND s.location = $2`,
      [product.id, place.id],
    );
    if (!head) throw new NotFoundError('Forecast');
    const isTotal = place.id === NO_LOCATION;
    const weights = isTotal ? undefined : head.weights.find(({ segment }) => segment === head.segment);
    return {
      product_id: product.productId,
      sku: product.sku,
      location_id: place.locationId,
      run_id: head.runId,
      model_version: head.modelVersion,
      segment: isTotal ? null : head.segment,
      weights: weights ? weights.members.map((member, i) => ({ member, weight: weights.weights[i] })) : [],
      points: await this.points(product.id, place.id, head.members),
    };
  }

  /** Totals have no members of their own: the members' sums over the locations stand in their place. */
  private async points(product: number, location: number, names: readonly string[]): Promise<ComponentPointDto[]> {
    const rows = await this.dataSource.query<MemberDay[]>(
      `SELECT f.forecast_date AS date, f.mean, f.members
       FROM forecast_series s JOIN forecasts f ON f.product = s.product AND f.location = s.location AND f.run = s.run
       WHERE s.product = $1 AND CASE WHEN $2 = ${NO_LOCATION} THEN s.location <> ${NO_LOCATION} ELSE s.location = $2 END
       ORDER BY f.forecast_date, f.location`,
      [product, location],
    );
    return [...groupBy(rows, ({ date }) => date)].map(([date, days]) => ({
      forecast_date: date,
      predicted_demand: days.reduce((sum, day) => sum + day.mean, 0),
      members: Object.fromEntries(
        names.map((name, member) => [name, days.reduce((sum, day) => sum + day.members[member], 0)]),
      ),
    }));
  }
}
