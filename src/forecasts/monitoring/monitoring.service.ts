import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { decodeCursor, InvalidRequestError, Page, Principal, toPage } from '../../platform/http/index.ts';
import { Reads } from '../../platform/reads/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { Places } from '../serving/places.ts';
import { isCivilDate } from '../../signals/index.ts';
import { SignalGainDto } from '../ablation/ablation.dto.ts';
import { signalGains } from '../ablation/signal-gains.ts';
import { liveAccuracy } from './live-accuracy.ts';
import { AnomalyDto, AnomalyQuery, LiveAccuracyDto, VersionAccuracyDto } from './monitoring.dto.ts';

interface Row {
  readonly date: string;
  readonly product: number;
  readonly location: number;
  readonly product_id: string;
  readonly sku: string;
  readonly location_id: string;
  readonly kind: string;
  readonly side: string;
  readonly actual: number;
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

/** What watching the forecasts has found. */
@Injectable()
export class MonitoringService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
    private readonly registry: RegistryService,
    private readonly reads: Reads,
  ) {}

  /** Days that nobody expected, latest first. @throws InvalidRequestError, NotFoundError */
  async anomalies(caller: Principal, query: AnomalyQuery): Promise<Page<AnomalyDto>> {
    const { from, to, product_id: productId, location_id: locationId, cursor, limit } = query;
    if (from !== undefined && to !== undefined && from > to) throw new InvalidRequestError('from', 'lies after to');
    const after = decodeCursor(cursor, 4);
    if (after && !(isCivilDate(after[0]) && [1, 2].every((i) => Number.isSafeInteger(after[i]))))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const product = productId === undefined ? null : await this.catalogue.productByPublicId(productId);
    const places =
      locationId === undefined && !caller.locationIds.length ? null : await this.places.several(caller, locationId);
    const rows = await this.reads.read((manager) =>
      manager.query<Row[]>(
        `SELECT a.date, a.product, a.location, p.product_id, p.sku, l.location_id, a.kind, a.side, a.actual, a.mean,
         a.lower, a.upper
       FROM forecast_anomalies AS a JOIN products AS p ON p.id = a.product JOIN locations AS l ON l.id = a.location
       WHERE ($1::date IS NULL OR a.date >= $1) AND ($2::date IS NULL OR a.date <= $2)
         AND ($3::int IS NULL OR a.product = $3) AND ($4::int[] IS NULL OR a.location = ANY ($4))
         AND ($5::date IS NULL OR a.date < $5 OR (a.date = $5 AND (a.product, a.location, a.kind) > ($6::int, $7::int, $8)))
       ORDER BY a.date DESC, a.product, a.location, a.kind LIMIT $9`,
        [
          from ?? null,
          to ?? null,
          product?.id ?? null,
          places?.map(({ id }) => id) ?? null,
          ...(after ?? [null, null, null, null]),
          limit + 1,
        ],
      ),
    );
    return toPage(rows, limit, (row) => [row.date, row.product, row.location, row.kind], anomalyDto);
  }

  /** Live accuracy of a version, and what its signals gain. @throws NotFoundError */
  async accuracy(version: string): Promise<VersionAccuracyDto> {
    const { id: model } = await this.registry.byVersion(version);
    const [overall] = await liveAccuracy(this.dataSource, { model }, 'all');
    const cut = async (by: 'segment' | 'horizon' | 'vintage') =>
      (await liveAccuracy(this.dataSource, { model }, by)).map(LiveAccuracyDto.of);
    return {
      model_version: version,
      overall: overall ? LiveAccuracyDto.of(overall) : null,
      by_segment: await cut('segment'),
      by_horizon: await cut('horizon'),
      by_vintage: await cut('vintage'),
      signals: (await signalGains(this.dataSource, model)).map((found) => SignalGainDto.of(version, found)),
    };
  }
}

function anomalyDto({ product: _, location: __, mean, ...row }: Row): AnomalyDto {
  return { ...row, predicted_demand: mean };
}
