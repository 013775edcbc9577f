import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sufficiency } from '../../engine/index.ts';
import { SingleFlight } from '../../platform/cache/index.ts';
import { runInThread, threadFile } from '../../platform/threads/index.ts';
import type { CatalogueProduct } from '../../products/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { dayOf } from '../../signals/index.ts';
import { NO_LOCATION } from '../location-zero.ts';
import { ModelArtefacts } from '../registry/model-artefacts.ts';
import { ModelVersion, RegistryService } from '../registry/registry.service.ts';
import { calibrationFactor } from '../training/confidence.ts';
import { missingSignals } from '../training/degraded-signals.ts';
import { PanelLoader } from '../training/panel-loader.ts';
import { buffersOf, ForecastingInput } from '../training/thread-types.ts';
import { liveHorizon, MOST_ROWS } from './live-plan.ts';
import { LiveTable, rowOf } from './live-table.ts';

/** A forecast made on request of one series. Arrays hold one entry a day. */
export interface LiveForecast {
  readonly modelVersion: string;
  readonly generatedAt: Date;
  /** Last day of sales it has seen, counted from 1970-01-01; its first day is the next. */
  readonly businessDay: number;
  readonly sufficiency: Sufficiency;
  /** What it had to do without. */
  readonly degraded: readonly string[];
  /** How far intervals are trusted: the factor of the confidence score. */
  readonly calibration: number;
  readonly mean: Float32Array;
  readonly p10: Float32Array;
  readonly p50: Float32Array;
  readonly p90: Float32Array;
}

/** What comes of a request: `unknown` where nothing was sold or no model is there, `too_much` where a job has to do it. */
export type LiveOutcome =
  | { readonly kind: 'ready'; readonly forecast: LiveForecast }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'too_much' };

/** What a computation looks at: everything, or one category. */
interface Scope {
  readonly category?: string;
  readonly products?: readonly number[];
}

interface Computed {
  readonly table: LiveTable;
  readonly generatedAt: Date;
  /** Signals it had to do without. */
  readonly missing: readonly string[];
}

/** A request waits so long for its forecast, then it is told to come back. */
const PATIENCE_MS = 10_000;
/** A computation is given up after so long. */
const LONGEST_MS = 30_000;
/** Computed tables are kept for requests to come; a load of sales or another champion ends them at once. */
const KEPT_MS = 10 * 60_000;
const MOST_TABLES = 3;
/** Computations under way and waiting; who comes then is told to come back. */
const MOST_QUEUED = 4;
const HEAP_MEGABYTES = 512;

/**
 * Forecasts that nobody has stored, made while the client waits: of series sold since the last run, and beyond its
 * horizon. Requests share computations: one covers all series there are (or those of a category) and is kept in memory.
 * One runs at a time, in a thread, so that answering from the cache goes on beside it.
 */
@Injectable()
export class LiveForecasts {
  private readonly logger = new Logger(LiveForecasts.name);
  private readonly flights = new SingleFlight();
  private readonly tables = new Map<string, Computed>();
  private turn: Promise<unknown> = Promise.resolve();
  private queued = 0;
  private size: { readonly state: string; readonly rows: number } | null = null;

  constructor(
    private readonly registry: RegistryService,
    private readonly artefacts: ModelArtefacts,
    private readonly panels: PanelLoader,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
  ) {}

  /**
   * Forecast of a product at a location (0: the sum over its locations) from the latest sales by the current model.
   * @param lastDay ISO day it has to reach; the model's own horizon if undefined
   */
  async of(product: CatalogueProduct, location: number, lastDay: string | undefined): Promise<LiveOutcome> {
    const [champion, { last: businessDate }] = await Promise.all([this.registry.champion(), this.sales.range()]);
    if (!champion || businessDate === null) return { kind: 'unknown' };
    const businessDay = dayOf(businessDate);
    const horizon = liveHorizon(
      lastDay === undefined ? 1 : dayOf(lastDay) - businessDay,
      champion.parameters.horizonDays,
    );
    const places = location === NO_LOCATION ? undefined : [location];
    if (horizon === null || (await this.sales.rowsStored([product.id], places)) === 0) return { kind: 'unknown' };
    const state = await this.sales.dataHash();
    const scope = await this.scopeOf(product, state);
    if (scope === null) return { kind: 'too_much' };
    const key = [state, champion.version, scope.category ?? '', horizon].join(' ');
    const computed = this.tables.get(key) ?? (await this.patiently(key, champion, scope.products, horizon));
    if (computed === null) return { kind: 'too_much' };
    const { table, generatedAt, missing } = computed;
    const row = rowOf(table, product.id, location);
    if (row < 0) return { kind: 'unknown' };
    const { ensemble, productTotals } = champion.metrics.evaluation ?? {};
    const coverage = (location === NO_LOCATION ? productTotals : ensemble)?.coverage ?? null;
    const days = (values: Float32Array) => values.subarray(row * table.horizon, (row + 1) * table.horizon);
    return {
      kind: 'ready',
      forecast: {
        modelVersion: champion.version,
        generatedAt,
        businessDay: table.startDay - 1,
        sufficiency: table.sufficiency[row],
        degraded: scope.category === undefined ? missing : [...missing, 'location_totals'],
        calibration: calibrationFactor(coverage),
        mean: days(table.mean),
        p10: days(table.p10),
        p50: days(table.p50),
        p90: days(table.p90),
      },
    };
  }

  /** Products to read, all of them where none are listed; null where that is too much. */
  private async scopeOf({ category }: CatalogueProduct, state: string): Promise<Scope | null> {
    if (this.size?.state !== state) this.size = { state, rows: await this.sales.rowsStored() };
    const { rows: all } = this.size;
    if (all <= MOST_ROWS) return {};
    const products = (await this.catalogue.allLiveProducts()).filter((product) => product.category === category);
    const ids = products.map(({ id }) => id);
    return (await this.sales.rowsStored(ids)) <= MOST_ROWS ? { category, products: ids } : null;
  }

  /** Null where it fails or takes longer than a client waits; what is still computed then serves who comes back. */
  private async patiently(
    key: string,
    champion: ModelVersion,
    products: readonly number[] | undefined,
    horizon: number,
  ): Promise<Computed | null> {
    const flight = this.flights
      .run(key, () => this.inTurn(() => this.compute(champion, products, horizon)))
      .then((computed) => {
        if (computed) this.keep(key, computed);
        return computed;
      })
      .catch((error: Error) => {
        this.logger.error(`Forecast on request failed: ${error.message}`);
        return null;
      });
    const patience = new AbortController();
    const late = sleep(PATIENCE_MS, null, { signal: patience.signal, ref: false }).catch(() => null);
    try {
      return await Promise.race([flight, late]);
    } finally {
      patience.abort();
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.queued >= MOST_QUEUED) return Promise.resolve(null);
    this.queued++;
    const mine = this.turn.then(work).finally(() => this.queued--);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async compute(
    { version, artefactKey: key, artefactSha256: sha256, parameters }: ModelVersion,
    products: readonly number[] | undefined,
    horizon: number,
  ): Promise<Computed | null> {
    const signal = AbortSignal.timeout(LONGEST_MS);
    const model = await this.artefacts.load({ version, key, sha256 });
    const loaded = await this.panels.load(signal, { knownCategories: parameters.categories, products });
    if (!loaded) return null;
    const { panel, events } = loaded;
    const missing = missingSignals(panel, events, loaded.silentSources);
    const input: ForecastingInput = { model, panel, events, options: { horizon } };
    const table = await runInThread<ForecastingInput, LiveTable>(
      threadFile(import.meta.url, 'live-forecast.thread'),
      input,
      { signal, transfer: buffersOf(panel), maxHeapMegabytes: HEAP_MEGABYTES },
    );
    return { table, generatedAt: new Date(), missing };
  }

  private keep(key: string, computed: Computed): void {
    if (this.tables.has(key)) return;
    this.tables.set(key, computed);
    if (this.tables.size > MOST_TABLES) this.tables.delete(this.tables.keys().next().value as string);
    setTimeout(() => this.tables.delete(key), KEPT_MS).unref();
  }
}
