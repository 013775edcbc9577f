import { Inject, Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import type { ListedDay } from './listed-day.ts';
import { givesWay } from './gives-way.ts';
import { listedDays } from './listed-days.ts';

/** First year whose days are listed. */
const FIRST_YEAR = 2014;
/** Years after the current one: forecasts look a year ahead. */
const YEARS_AHEAD = 2;

/**
 * Keeps the festivals and public holidays of the configured country in the calendar. What a planner entered stands: a listed
 * day gives way to a planner's festival or holiday of the same day, and to one of the same name within a week, since that is
 * when it is kept locally.
 */
@Injectable()
export class CalendarSeeding implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The first training should know the festivals too, however long before the first fetch it comes. */
  async onApplicationBootstrap(): Promise<void> {
    await this.seed(new Date().getUTCFullYear());
  }

  /** Makes the calendar hold the days that are listed, and no listed day of before. @param year the current one */
  async seed(year: number): Promise<void> {
    const wanted: ListedDay[] = [];
    for (let y = FIRST_YEAR; y <= year + YEARS_AHEAD; y++) wanted.push(...listedDays(y, this.config.signals));
    const columns = [
      wanted.map(({ date }) => date),
      wanted.map(({ name }) => name),
      wanted.map(({ kind }) => kind),
      wanted.map(({ source }) => source),
    ];
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `DELETE FROM calendar_events AS e WHERE source <> 'planner' AND (NOT EXISTS (
           SELECT FROM unnest($1::date[], $2::text[], $3::text[], $4::text[]) AS w (date, name, kind, source)
           WHERE (w.date, w.name, w.kind, w.source) = (e.date, e.name, e.kind, e.source))
           OR ${givesWay('e')})`,
        columns,
      );
      await manager.query(
        `INSERT INTO calendar_events (date, name, kind, source)
         SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[]) AS w (date, name, kind, source)
         WHERE NOT ${givesWay('w')} ON CONFLICT (date, name) DO NOTHING`,
        columns,
      );
    });
  }
}
