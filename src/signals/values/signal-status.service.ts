import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { configuredSources } from '../sources/configured-sources.ts';
import { SOURCE_NAMES, SourceName } from '../sources/signal-source.ts';
import { SourceHealth, SourceRecord } from '../sources/source-record.ts';

/** A service and how it has fared. */
export interface SourceStatus extends SourceHealth {
  /** Who offers it; null = it is switched off. */
  readonly provider: string | null;
}

/** What is stored of a signal. */
export interface SignalExtent {
  readonly signal: string;
  readonly values: number;
  readonly firstDate: string;
  readonly lastDate: string;
  /** Latest day on which something became known. */
  readonly lastKnownFrom: string;
}

/** How many days of a list the calendar holds. */
export interface ListExtent {
  readonly source: string;
  readonly events: number;
  readonly lastDate: string;
}

/** What of a source a forecast needs: a value of one of these signals, on a day so near the first day to forecast. */
const NEEDED: Readonly<
  Record<SourceName, { readonly signals: readonly string[]; readonly fromDay: number; readonly toDay: number }>
> = {
  // A forecast of the day to come, known by then.
  weather: { signals: ['temperature', 'rainfall'], fromDay: 1, toDay: 1 },
  // Quarterly figures come some two months after the quarter, monthly ones sooner.
  macro: { signals: ['cpi', 'gdp'], fromDay: -270, toDay: 0 },
  // The market closes over long weekends.
  market: { signals: ['market_index'], fromDay: -7, toDay: 0 },
};

/** What is known of the signals from outside, and what is missing. */
@Injectable()
export class SignalStatusService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly record: SourceRecord,
  ) {}

  /**
   * Names of the sources that are switched on, are let into models and have nothing to say to a forecast from the day after `businessDate` (ISO) on:
   * what a forecast names as `degraded`. Weather counts as missing as soon as one live location with coordinates lacks it.
   */
  async missingSignals(businessDate: string): Promise<SourceName[]> {
    const { signals: settings } = this.config;
    const wanted = configuredSources(settings)
      .map(({ name }) => name)
      .filter((name) => settings.inModels.includes(name));
    const missing: SourceName[] = [];
    for (const name of wanted) {
      const { signals, fromDay, toDay } = NEEDED[name];
      const [{ lacking }] = await this.dataSource.query<{ lacking: boolean }[]>(
        `SELECT EXISTS (
           SELECT FROM (SELECT id AS location FROM locations
                        WHERE $5 AND deleted_at IS NULL AND latitude IS NOT NULL AND longitude IS NOT NULL
                        UNION ALL SELECT 0 WHERE NOT $5) AS place
           WHERE NOT EXISTS (SELECT FROM signal_values AS v
             WHERE v.signal = ANY ($1) AND v.location IN (0, place.location) AND v.known_from <= $2::date + 1
               AND v.date BETWEEN $2::date + $3::int AND $2::date + $4::int)) AS lacking`,
        [signals, businessDate, fromDay, toDay, name === 'weather'],
      );
      if (lacking) missing.push(name);
    }
    return missing;
  }

  /** All services there may be, in a fixed order. */
  async sources(): Promise<SourceStatus[]> {
    const providers = new Map(configuredSources(this.config.signals).map(({ name, provider }) => [name, provider]));
    const health = await this.record.health(SOURCE_NAMES);
    return health.map((entry) => ({ ...entry, provider: providers.get(entry.source) ?? null }));
  }

  stored(): Promise<SignalExtent[]> {
    return this.dataSource.query<SignalExtent[]>(
      `SELECT signal, count(*)::int AS values, min(date) AS "firstDate", max(date) AS "lastDate",
         max(known_from) AS "lastKnownFrom"
       FROM signal_values GROUP BY signal ORDER BY signal COLLATE "C"`,
    );
  }

  calendar(): Promise<ListExtent[]> {
    return this.dataSource.query<ListExtent[]>(
      `SELECT source, count(*)::int AS events, max(date) AS "lastDate" FROM calendar_events
       GROUP BY source ORDER BY source COLLATE "C"`,
    );
  }
}
