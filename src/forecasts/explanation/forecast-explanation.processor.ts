import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { threadFile } from '../../platform/threads/index.ts';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { dayOf } from '../../signals/index.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { NoSalesError } from '../no-sales.error.ts';
import { ModelArtefacts } from '../registry/model-artefacts.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { compute } from '../training/compute.ts';
import { PanelLoader } from '../training/panel-loader.ts';
import type { ExplainedRun, ExplanationInput, ExplanationOutput } from './explanation-types.ts';
import { sumOfPlaces } from './sum-of-places.ts';

/** Forecasts of which product, and of which run, to take apart. */
export interface ExplanationScope extends Record<string, unknown> {
  readonly product: number;
  readonly run: number;
}

interface RunHead {
  readonly id: number;
  readonly model: number;
  readonly businessDate: string;
  readonly horizon: number;
}

/** A run's forecasts of the product, the sum over the places among them. */
interface Published extends RunHead {
  readonly locations: readonly number[];
  readonly means: Float32Array;
  readonly totals: Float32Array;
}

const HEAD = `r.id, r.model, r.business_date AS "businessDate", r.horizon_days AS horizon`;

/**
 * Takes the forecasts of a product apart, of one run and of the one that was current before it, from the sales that each of
 * them had seen. What comes out is kept beside the run, for all places at once: reading the history is most of the work.
 */
@Injectable()
@QueueProcessor('forecast-explanation')
export class ForecastExplanationProcessor extends JobProcessor<ExplanationScope> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly panels: PanelLoader,
    private readonly artefacts: ModelArtefacts,
    private readonly registry: RegistryService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<ExplanationScope>): Promise<Record<string, unknown>> {
    const { product, run } = context.payload;
    const current = await this.published(product, await this.headOf(run));
    const before = await this.headBefore(product, run);
    const previous = before && (await this.published(product, before));
    const model = await this.registry.byId(current.model);
    const until = [current, previous].reduce(
      (last, published) => (published && published.businessDate > last ? published.businessDate : last),
      current.businessDate,
    );
    context.progress(0, 'loading', 'Reading the sales history');
    const loaded = await this.panels.load(context.signal, { knownCategories: model.parameters.categories, until });
    if (!loaded) throw new NoSalesError();
    const { panel, events, categories } = loaded;
    context.progress(60, 'explaining', 'Taking the forecasts apart');
    const runs = [await this.asInput(current), ...(previous ? [await this.asInput(previous)] : [])];
    const [now, then] = await compute<ExplanationInput, ExplanationOutput>(
      threadFile(import.meta.url, 'explanation.thread'),
      { panel, events, categories, product, runs },
      { signal: context.signal, onProgress: () => undefined },
    );
    context.onSuccess(async (manager) => {
      await keep(manager, context.payload, withTotal(current, now), previous && withTotal(previous, then), before);
    });
    return { product, run, locations: current.locations.length };
  }

  private async headOf(run: number): Promise<RunHead> {
    const [head] = await this.dataSource.query<RunHead[]>(`SELECT ${HEAD} FROM forecast_runs r WHERE r.id = $1`, [run]);
    return head;
  }

  /** The run that forecast the product before this one; null where there is none, or where its days are all over. */
  private async headBefore(product: number, run: number): Promise<RunHead | null> {
    const [head] = await this.dataSource.query<RunHead[]>(
      `SELECT ${HEAD} FROM run_series s
       JOIN forecast_runs r ON r.id = s.run
       JOIN run_series own ON own.run = $2 AND own.product = s.product AND own.location = s.location
       JOIN forecast_runs o ON o.id = own.run
       WHERE s.product = $1 AND s.location = ${NO_LOCATION} AND s.run <> $2 AND r.archived_at IS NULL
         AND s.published_at < own.published_at AND r.business_date + r.horizon_days > o.business_date
       ORDER BY s.published_at DESC LIMIT 1`,
      [product, run],
    );
    return head ?? null;
  }

  private async published(product: number, head: RunHead): Promise<Published> {
    const rows = await this.dataSource.query<{ location: number; means: number[] }[]>(
      `SELECT location, array_agg(mean ORDER BY forecast_date) AS means FROM forecasts
       WHERE product = $1 AND run = $2 GROUP BY location ORDER BY location`,
      [product, head.id],
    );
    const places = rows.filter(({ location }) => location !== NO_LOCATION);
    return {
      ...head,
      locations: places.map(({ location }) => location),
      means: Float32Array.from(places.flatMap(({ means }) => means)),
      totals: Float32Array.from(rows.find(({ location }) => location === NO_LOCATION)?.means ?? []),
    };
  }

  private async asInput({ model, businessDate, horizon, locations, means }: Published): Promise<ExplainedRun> {
    const { version, artefactKey: key, artefactSha256: sha256, parameters } = await this.registry.byId(model);
    const text = await this.artefacts.load({ version, key, sha256 });
    const { categories } = parameters;
    return { model: text, categories, businessDay: dayOf(businessDate), horizon, locations, means };
  }
}

/** Contributions by place, that of the sum over all places with them. */
type ByPlace = ReadonlyMap<number, Float32Array>;

function withTotal({ locations, totals, horizon }: Published, contributions: Float32Array): ByPlace {
  const width = contributions.length / locations.length;
  const places = locations.map((location, row): [number, Float32Array] => [
    location,
    contributions.subarray(row * width, (row + 1) * width),
  ]);
  const known = places.filter(([, values]) => !Number.isNaN(values[0]));
  const total = sumOfPlaces(
    known.map(([, values]) => values),
    totals,
    horizon,
  );
  return new Map([...known, [NO_LOCATION, total]]);
}

async function keep(
  manager: EntityManager,
  { product, run }: ExplanationScope,
  now: ByPlace,
  then: ByPlace | null,
  previous: RunHead | null,
): Promise<void> {
  for (const [location, contributions] of now) {
    const before = then?.get(location);
    await manager.query(
      `INSERT INTO forecast_explanations (product, location, run, contributions, previous_run, previous)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (product, location, run) DO UPDATE SET contributions = excluded.contributions,
         previous_run = excluded.previous_run, previous = excluded.previous`,
      [
        product,
        location,
        run,
        Array.from(contributions),
        before ? previous?.id : null,
        before ? Array.from(before) : null,
      ],
    );
  }
}
