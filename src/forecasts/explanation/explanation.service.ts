import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { FORECAST_DRIVERS } from '../../engine/index.ts';
import { AppError, NotFoundError, Principal } from '../../platform/http/index.ts';
import { Job, JobsService } from '../../platform/queue/index.ts';
import { CatalogueProduct, CatalogueService } from '../../products/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { Place, Places } from '../serving/places.ts';
import { driverUnits } from './driver-units.ts';
import type { ContributionDto, ExplanationDto, ExplanationQuery, ForecastChangeDto } from './explanation.dto.ts';

/** The current run of a series and, once it is there, its explanation. */
interface Row {
  readonly run: number;
  readonly runId: string;
  readonly model: number;
  readonly modelVersion: string;
  readonly businessDate: string;
  readonly horizon: number;
  readonly contributions: number[] | null;
  readonly previous: number[] | null;
  readonly previousRunId: string | null;
  readonly previousModel: number | null;
  readonly previousVersion: string | null;
  readonly previousDate: string | null;
  readonly previousHorizon: number | null;
}

/** Longest a request waits for its explanation; then it is told the job that makes it. */
const PATIENCE_MS = 8_000;
const LOOK_EVERY_MS = 100;

/** What drives the current forecasts: read where it is stored, else made by a worker while the client waits. */
@Injectable()
export class ExplanationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogue: CatalogueService,
    private readonly places: Places,
    private readonly jobs: JobsService,
  ) {}

  /**
   * The explanation of a day's forecast, or the job that makes it where that takes longer than a client waits.
   * @throws NotFoundError where nothing is forecast, ForbiddenError, AppError when the job failed
   */
  async explain(
    caller: Principal,
    productId: string,
    { location_id: locationId, date }: ExplanationQuery,
  ): Promise<ExplanationDto | Job> {
    const product = await this.catalogue.productByPublicId(productId);
    const place = await this.places.one(caller, locationId);
    const head = await this.read(product, place);
    const day = date === undefined ? 0 : dayOf(date) - dayOf(head.businessDate) - 1;
    if (day < 0 || day >= head.horizon) throw new NotFoundError('Forecast of this day');
    if (head.contributions) return answer(product, place, head, day);
    const job = await this.jobs.enqueue({
      kind: 'forecast-explanation',
      payload: { product: product.id, run: head.run },
      dedupeKey: `forecast-explanation:${product.id}:${head.run}`,
      createdBy: caller.userId,
    });
    const ended = await this.ended(job.id);
    if (ended === null) return job;
    if (ended.state !== 'succeeded')
      throw new AppError(503, 'EXPLANATION_FAILED', ended.error?.message ?? 'The explanation was cancelled');
    const made = await this.read(product, place);
    if (made.run !== head.run) return job;
    if (!made.contributions) throw new NotFoundError('History of this forecast');
    return answer(product, place, made, day);
  }

  private async read(product: CatalogueProduct, place: Place): Promise<Row> {
    const [row] = await this.dataSource.query<Row[]>(
      `SELECT s.run, r.run_id AS "runId", r.model, m.version AS "modelVersion", r.business_date AS "businessDate",
         r.horizon_days AS horizon, e.contributions, e.previous, p.run_id AS "previousRunId", p.model AS "previousModel",
         v.version AS "previousVersion", p.business_date AS "previousDate",
         p.horizon_days AS "previousHorizon"
       FROM forecast_series s
       JOIN forecast_runs r ON r.id = s.run
       JOIN model_versions m ON m.id = r.model
       LEFT JOIN forecast_explanations e ON e.product = s.product AND e.location = s.location AND e.run = s.run
       LEFT JOIN forecast_runs p ON p.id = e.previous_run
       LEFT JOIN model_versions v ON v.id = p.model
       WHERE s.product = $1 AND s.location = $2`,
      [product.id, place.id],
    );
    if (!row) throw new NotFoundError('Forecast');
    return row;
  }

  /** The job once it has ended; null where that takes too long. */
  private async ended(id: string): Promise<Job | null> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      const job = await this.jobs.get(id);
      if (job.state !== 'queued' && job.state !== 'running') return job;
      await sleep(LOOK_EVERY_MS);
    }
    return null;
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function byDriver(units: readonly number[]): ContributionDto[] {
  return FORECAST_DRIVERS.map((driver, d) => ({ driver, units: units[d] }));
}

function answer(product: CatalogueProduct, place: Place, row: Row, day: number): ExplanationDto {
  const units = driverUnits(row.contributions ?? [], row.horizon, day);
  return {
    product_id: product.productId,
    sku: product.sku,
    location_id: place.locationId,
    run_id: row.runId,
    model_version: row.modelVersion,
    business_date: row.businessDate,
    forecast_date: isoOf(dayOf(row.businessDate) + 1 + day),
    predicted_demand: sumOf(units),
    contributions: byDriver(units),
    previous: changeOf(row, day, units),
  };
}

function changeOf(row: Row, day: number, units: readonly number[]): ForecastChangeDto | null {
  const { previous, previousDate, previousHorizon, previousRunId, previousVersion } = row;
  if (!previous || previousDate === null || previousHorizon === null) return null;
  if (previousRunId === null || previousVersion === null) return null;
  const newDays = dayOf(row.businessDate) - dayOf(previousDate);
  const before = driverUnits(previous, previousHorizon, day + newDays);
  if (before.length === 0) return null;
  return {
    run_id: previousRunId,
    model_version: previousVersion,
    business_date: previousDate,
    predicted_demand: sumOf(before),
    change: sumOf(units) - sumOf(before),
    contributions: byDriver(units.map((value, d) => value - before[d])),
    same_model: row.model === row.previousModel,
    new_sales_days: Math.max(0, newDays),
  };
}
