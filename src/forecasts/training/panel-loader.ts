import { Inject, Injectable } from '@nestjs/common';
import type { Panel } from '../../engine/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import type { CatalogueProduct } from '../../products/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { CalendarService, dayOf, ModelSignalsService, SignalStatusService } from '../../signals/index.ts';
import { categoryCodes } from './category-codes.ts';
import { Listing, PanelBuilder } from './panel-builder.ts';

/**
 * Longest history that is read, days. Two years hold every season twice; what lies beyond, up to nearly four, still
 * makes the estimates of yearly effects better and costs only memory (13 bytes a series and day).
 */
const HISTORY_DAYS = 1400;
/** Events are looked up so far past the last day of sales: the longest horizon and the day after. */
const CALENDAR_REACH_DAYS = 368;

/** Everything a training or a forecast starts from. */
export interface LoadedPanel {
  readonly panel: Panel;
  readonly events: { day: number; name: string }[];
  /** Category names by their code in the panel. */
  readonly categories: string[];
  /** Last day of sales, ISO. */
  readonly businessDate: string;
  /** Services of signals that should have had something to say about the days to come and had not. */
  readonly silentSources: readonly string[];
}

/** Which part of the history to read. */
export interface HistorySelection {
  /** Names whose codes a model has learned: they keep their codes, new names follow. */
  readonly knownCategories?: readonly string[];
  /** Keys of the products to read; all if absent. */
  readonly products?: readonly number[];
  /** Last day to read, ISO, where that lies before the business date. */
  readonly until?: string;
  /** Longest history to read, days. */
  readonly days?: number;
}

/** Reads the sales history of all live products at all live locations. */
@Injectable()
export class PanelLoader {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly calendar: CalendarService,
    private readonly signals: ModelSignalsService,
    private readonly signalStatus: SignalStatusService,
  ) {}

  /** The panel up to the business date; null if nothing that is live was ever sold. */
  async load(signal: AbortSignal, selection: HistorySelection = {}): Promise<LoadedPanel | null> {
    const { knownCategories = [], products: only, until, days = HISTORY_DAYS } = selection;
    const { first, last } = await this.sales.range();
    if (first === null || last === null) return null;
    const businessDate = until !== undefined && until < last ? until : last;
    const endDay = dayOf(businessDate);
    const startPeriod = Math.max(endDay - days + 1, dayOf(first));
    const [products, locations, events] = await Promise.all([
      this.catalogue.allLiveProducts(),
      this.catalogue.allLiveLocations(),
      this.calendar.events(startPeriod, endDay + CALENDAR_REACH_DAYS),
    ]);
    const categories = categoryCodes(
      products.map(({ category }) => category),
      knownCategories,
    );
    const codeOf = new Map(categories.map((name, code) => [name, code]));
    const categoryOf = new Map(products.map(({ id, category }) => [id, codeOf.get(category) ?? 0]));
    const live = new Set(locations.map(({ id }) => id));
    const builder = new PanelBuilder(startPeriod, endDay);
    await withBulkConnection(this.config, (client) =>
      this.sales.readPanelRows(
        client,
        { fromDay: startPeriod, products: only },
        (product, location, day, quantity, price, promotion, onHand) => {
          if (signal.aborted) throw new JobStoppedError('Stopped while reading the history');
          const category = categoryOf.get(product);
          if (category === undefined || !live.has(location)) return;
          builder.add(product, location, category, day, quantity, price, promotion, onHand);
        },
      ),
    );
    const panel = builder.build(
      new Set(events.filter(({ day }) => day <= endDay).map(({ day }) => day)),
      listingsOf(products),
    );
    if (panel === null) return null;
    const covariates = await this.signals.covariates({
      startDay: startPeriod,
      endDay,
      locations: panel.location,
      ahead: CALENDAR_REACH_DAYS,
    });
    const silentSources = await this.signalStatus.missingSignals(businessDate);
    // A panel without signals is the same as before there were any.
    const whole = covariates.length > 0 ? { ...panel, covariates } : panel;
    return { panel: whole, events, categories, businessDate, silentSources };
  }
}

/** When the products that say so are on sale. */
function listingsOf(products: readonly CatalogueProduct[]): Map<number, Listing> {
  return new Map(
    products.flatMap(({ id, listedFrom, listedUntil }): [number, Listing][] => {
      if (listedFrom === null && listedUntil === null) return [];
      const from = listedFrom === null ? -Infinity : dayOf(listedFrom);
      return [[id, { from, until: listedUntil === null ? Infinity : dayOf(listedUntil) }]];
    }),
  );
}
