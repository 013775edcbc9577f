import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import type { Sufficiency } from '../engine/index.ts';
import { APP_CONFIG } from '../platform/config/index.ts';
import type { AppConfig } from '../platform/config/index.ts';
import { copyOut, withBulkConnection } from '../platform/database/index.ts';
import { CatalogueService } from '../products/index.ts';
import { dayOf } from '../signals/index.ts';
import { NO_LOCATION } from './location-zero.ts';

/** A forecast run and the model it came from. */
export interface ForecastRun {
  readonly id: number;
  /** Public id. */
  readonly runId: string;
  readonly modelVersion: string;
  /** Last day of sales the run has seen, ISO; its forecasts start the day after. */
  readonly businessDate: string;
  readonly horizonDays: number;
  readonly generatedAt: Date;
  /** Levels of the quantiles of each day, ascending. */
  readonly levels: readonly number[];
  /** Entry `n - 1`: variance of the sum of n days over the sum of the n daily variances. */
  readonly sumInflation: readonly number[];
}

/** Which series to read. Ids are the internal ones; what is left out is not narrowed. */
export interface SeriesFilter {
  readonly products?: readonly number[];
  /** All real locations if absent; `[0]` reads the sums over the locations of each product. */
  readonly locations?: readonly number[];
  readonly category?: string;
}

/** The current forecast of a product at a location (0: the sum over its locations), without its days. */
export interface ForecastSeries {
  readonly product: number;
  readonly location: number;
  readonly dataSufficiency: Sufficiency;
  readonly segment: string;
  /** Variance of one day's demand around its forecast, divided by the day's mean. */
  readonly dispersion: number;
  readonly run: ForecastRun;
}

/** The current forecast of a series with its days: entry `i` is day `startDay + i`. */
export interface DailyForecast extends ForecastSeries {
  /** First forecast day, counted from 1970-01-01. */
  readonly startDay: number;
  readonly mean: Float32Array;
  readonly p10: Float32Array;
  readonly p50: Float32Array;
  readonly p90: Float32Array;
  /** One array per level of the run; empty unless asked for. */
  readonly quantiles: readonly Float32Array[];
}

const RUN_COLUMNS = `r.id, r.run_id AS "runId", m.version AS "modelVersion", r.business_date AS "businessDate",
  r.horizon_days AS "horizonDays", r.generated_at AS "generatedAt", r.levels, r.sum_inflation AS "sumInflation"`;

/** The current forecasts, for the features that build on them. */
@Injectable()
export class ForecastsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly catalogue: CatalogueService,
  ) {}

  /** The run published last; null before the first. Series that it did not cover may still stand at an older one. */
  async currentRun(): Promise<ForecastRun | null> {
    const [run] = await this.dataSource.query<ForecastRun[]>(
      `SELECT ${RUN_COLUMNS} FROM forecast_runs r JOIN model_versions m ON m.id = r.model
       WHERE r.published_at IS NOT NULL ORDER BY r.published_at DESC, r.id DESC LIMIT 1`,
    );
    return run ?? null;
  }

  /** Series that have a forecast, in (product, location) order. */
  async currentSeries(filter: SeriesFilter = {}): Promise<ForecastSeries[]> {
    return withBulkConnection(this.config, async (client) => this.heads(client, await this.narrow(filter)));
  }

  /**
   * Forecasts of whole series, in (product, location) order and all from one state of the database.
   * @param withQuantiles also reads the quantiles of every level
   */
  async dailyForecasts(filter: SeriesFilter = {}, withQuantiles = false): Promise<DailyForecast[]> {
    const narrowed = await this.narrow(filter);
    return withBulkConnection(this.config, async (client) => {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      const heads = await this.heads(client, narrowed);
      const series = heads.map((head) => emptyDays(head, withQuantiles));
      await this.readDays(client, series, withQuantiles);
      await client.query('COMMIT');
      return series;
    });
  }

  private async readDays(client: Client, series: readonly DailyForecast[], withQuantiles: boolean): Promise<void> {
    // COPY takes no parameters, so the series to read stand in a table; its order finds each row's place.
    await client.query(
      'CREATE TEMP TABLE wanted_series (place int, product int, location int, run int) ON COMMIT DROP',
    );
    await client.query(
      'INSERT INTO wanted_series SELECT row_number() OVER () - 1, * FROM unnest($1::int[], $2::int[], $3::int[])',
      [series.map((s) => s.product), series.map((s) => s.location), series.map((s) => s.run.id)],
    );
    await client.query('ANALYZE wanted_series');
    const levelCount = withQuantiles ? Math.max(0, ...series.map((s) => s.run.levels.length)) : 0;
    const levels = Array.from({ length: levelCount }, (_, level) => `, f.quantiles[${level + 1}]`).join('');
    await copyOut(
      client,
      `SELECT w.place, f.forecast_date, f.mean, f.p10, f.p50, f.p90${levels} FROM wanted_series w
       JOIN forecasts f ON f.product = w.product AND f.location = w.location AND f.run = w.run`,
      (row) => {
        const target = series[row.int32()];
        const at = row.date() - target.startDay;
        target.mean[at] = row.float32();
        target.p10[at] = row.float32();
        target.p50[at] = row.float32();
        target.p90[at] = row.float32();
        for (let level = 0; level < target.quantiles.length; level++) target.quantiles[level][at] = row.float32();
      },
    );
  }

  private async narrow(filter: SeriesFilter): Promise<{ products: number[] | null; locations: number[] | null }> {
    const { products, locations, category } = filter;
    const inCategory =
      category === undefined
        ? null
        : (await this.catalogue.allLiveProducts()).filter((p) => p.category === category).map(({ id }) => id);
    const wanted = products && new Set(products);
    return {
      products: inCategory ? inCategory.filter((id) => !wanted || wanted.has(id)) : products ? [...products] : null,
      locations: locations ? [...locations] : null,
    };
  }

  private async heads(
    client: Client,
    { products, locations }: { products: number[] | null; locations: number[] | null },
  ): Promise<ForecastSeries[]> {
    const { rows } = await client.query<Omit<ForecastSeries, 'run'> & { run: number }>(
      `SELECT product, location, data_sufficiency AS "dataSufficiency", segment, dispersion, run FROM forecast_series
       WHERE ($1::int[] IS NULL OR product = ANY($1))
         AND CASE WHEN $2::int[] IS NULL THEN location <> ${NO_LOCATION} ELSE location = ANY($2) END
       ORDER BY product, location`,
      [products, locations],
    );
    const { rows: runs } = await client.query<ForecastRun>(
      `SELECT ${RUN_COLUMNS} FROM forecast_runs r JOIN model_versions m ON m.id = r.model WHERE r.id = ANY($1)`,
      [[...new Set(rows.map(({ run }) => run))]],
    );
    const byId = new Map(runs.map((run) => [run.id, run]));
    return rows.map((row) => ({ ...row, run: byId.get(row.run) as ForecastRun }));
  }
}

function emptyDays(head: ForecastSeries, withQuantiles: boolean): DailyForecast {
  const days = () => new Float32Array(head.run.horizonDays);
  return {
    ...head,
    startDay: dayOf(head.run.businessDate) + 1,
    mean: days(),
    p10: days(),
    p50: days(),
    p90: days(),
    quantiles: withQuantiles ? head.run.levels.map(days) : [],
  };
}
