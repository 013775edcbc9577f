import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { signalCalls } from '../../platform/metrics/metrics.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { SalesService } from '../../sales/index.ts';
import { CalendarSeeding } from '../calendar/calendar-seeding.ts';
import { dayOf, isoOf } from '../civil-day.ts';
import { SignalValues } from '../values/signal-values.ts';
import { configuredSources } from './configured-sources.ts';
import { GUARD, GuardedService, readFromNetwork } from './guarded-service.ts';
import { readRecorded, recordedDay } from './recorded-answers.ts';
import { FetchWish, SignalSource, SourceFailedError } from './signal-source.ts';
import { SourceRecord } from './source-record.ts';

/** Values are wanted from so long before the first sale: what is usual for a time of the year is learned from years before. */
export const LEAD_DAYS = 730;

/** What has come from one source. */
interface FetchReport extends Record<string, unknown> {
  readonly provider: string;
  readonly new_values: number;
  /** Why it did not answer all that was asked; null = it did. */
  readonly error: string | null;
}

/**
 * Brings the signals from outside up to date, each source on its own: one that fails is reported, raises an alert and leaves
 * the others, and everything that was stored before, as they are.
 */
@Injectable()
@QueueProcessor('external-data-fetcher')
export class ExternalDataFetcherProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly catalogue: CatalogueService,
    private readonly sales: SalesService,
    private readonly values: SignalValues,
    private readonly record: SourceRecord,
    private readonly calendar: CalendarSeeding,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const today = await this.today();
    await this.calendar.seed(Number(today.slice(0, 4)));
    await this.record.forgetOld();
    const wish = await this.wish(today);
    const sources: Record<string, FetchReport> = {};
    for (const source of configuredSources(this.config.signals)) {
      context.progress(0, 'fetching', `Fetching ${source.name} from ${source.provider}`);
      sources[source.name] = await this.fetch(source, wish, context.signal);
      if (context.signal.aborted) throw new JobStoppedError('Stopped between two sources');
    }
    return { today, sources };
  }

  private today(): string | Promise<string> {
    const { replayDir } = this.config.signals;
    if (replayDir !== null) return recordedDay(replayDir);
    return new Intl.DateTimeFormat('en-CA', { timeZone: this.config.scheduleTimezone }).format(new Date());
  }

  private async wish(today: string): Promise<FetchWish> {
    const { first } = await this.sales.range();
    const from = isoOf(dayOf(first !== null && first < today ? first : today) - LEAD_DAYS);
    const locations = await this.catalogue.allLiveLocations();
    return {
      today,
      from,
      storedUntil: await this.values.observedUntil('temperature', from),
      places: locations.flatMap(({ id, latitude, longitude, timezone }) =>
        latitude === null || longitude === null ? [] : [{ location: id, latitude, longitude, timezone }],
      ),
    };
  }

  private async fetch(source: SignalSource, wish: FetchWish, stop: AbortSignal): Promise<FetchReport> {
    const { name, provider } = source;
    const { replayDir } = this.config.signals;
    const service = new GuardedService(
      GUARD,
      replayDir === null ? readFromNetwork(GUARD) : readRecorded(replayDir),
      (call) => {
        signalCalls.inc({ source: name, outcome: call.succeeded ? 'succeeded' : 'failed' });
        return this.record.note(name, provider, call);
      },
      await this.record.breakerState(name),
    );
    let added = 0;
    let error: string | null = null;
    try {
      for await (const values of source.fetch(wish, service.asking(stop)))
        added += await this.values.add(values, provider);
    } catch (thrown) {
      if (!(thrown instanceof SourceFailedError)) throw thrown;
      error = thrown.message;
    }
    if (!stop.aborted) await this.conclude(source, service, error);
    return { provider, new_values: added, error };
  }

  private async conclude({ name, provider }: SignalSource, service: GuardedService, error: string | null) {
    await this.record.keepBreaker(name, service);
    const kind = 'signals.source_failed';
    const dedupeKey = `${kind}:${name}`;
    if (error === null) return this.alerts.settle(dedupeKey);
    const subject = `${provider} does not deliver ${name}; forecasts go on with what is stored`;
    await this.alerts.raise({ kind, severity: 'warning', subject, detail: { source: name, error }, dedupeKey });
  }
}
