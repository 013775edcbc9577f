import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import type { SignalValue } from '../sources/signal-source.ts';

/** Rows written by one statement. */
const BATCH = 10_000;

/** The values of a signal at one location. */
export interface LocationValues {
  /** Key of the location; 0 = everywhere. */
  readonly location: number;
  /** Ascending, counted from 1970-01-01. */
  readonly days: readonly number[];
  /** One a day. */
  readonly values: readonly number[];
}

/** The stored values of signals, each as it was known from a day on. */
@Injectable()
export class SignalValues {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Adds values. What is stored for a day and a first day of knowledge stays, so that the past reads the same for ever,
   * unless `replace` says that people correct what they told before.
   */
  async add(
    values: readonly SignalValue[],
    provider: string,
    replace = false,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<number> {
    // The same row twice in one statement would be refused by the database; the later one counts.
    const distinct = [...new Map(values.map((row) => [keyOf(row), row])).values()];
    let added = 0;
    for (let from = 0; from < distinct.length; from += BATCH) {
      const rows = distinct.slice(from, from + BATCH);
      const inserted = await manager.query<unknown[]>(
        `INSERT INTO signal_values AS v (signal, location, date, known_from, value, provider)
         SELECT *, $6 FROM unnest($1::text[], $2::int[], $3::date[], $4::date[], $5::float8[])
         ON CONFLICT (signal, location, date, known_from) DO UPDATE SET value = excluded.value,
           provider = excluded.provider, fetched_at = now() WHERE $7
         RETURNING 1`,
        [
          rows.map(({ signal }) => signal),
          rows.map(({ location }) => location),
          rows.map(({ date }) => date),
          rows.map(({ knownFrom }) => knownFrom),
          rows.map(({ value }) => value),
          provider,
          replace,
        ],
      );
      added += inserted.length;
    }
    return added;
  }

  /**
   * Last day of observed values by location, of the locations whose values reach back to a day; observed is what was known
   * only after its day.
   */
  async observedUntil(signal: string, from: string): Promise<Map<number, string>> {
    const rows = await this.dataSource.query<{ location: number; until: string }[]>(
      `SELECT location, max(date) AS until FROM signal_values WHERE signal = $1 AND known_from > date
       GROUP BY location HAVING min(date) <= $2::date + 30`,
      [signal, from],
    );
    return new Map(rows.map(({ location, until }) => [location, until]));
  }

  /** The values of a signal from a day to another as they were known on a day, by location. */
  knownOn(signal: string, day: string, from: string, to: string): Promise<LocationValues[]> {
    // Arrays, for there may be a thousand days for each of hundreds of locations.
    return this.dataSource.query<LocationValues[]>(
      `SELECT location, array_agg(date - '1970-01-01'::date ORDER BY date) AS days, array_agg(value ORDER BY date) AS values
       FROM (SELECT DISTINCT ON (location, date) location, date, value FROM signal_values
             WHERE signal = $1 AND known_from <= $2 AND date BETWEEN $3 AND $4
             ORDER BY location, date, known_from DESC) AS latest
       GROUP BY location ORDER BY location`,
      [signal, day, from, to],
    );
  }

  /** All vintages of signals that were known by a day, in the order in which they became known. */
  vintages(signals: readonly string[], day: string, from: string): Promise<SignalValue[]> {
    return this.dataSource.query<SignalValue[]>(
      `SELECT signal, location, date, known_from AS "knownFrom", value
       FROM signal_values WHERE signal = ANY ($1) AND known_from <= $2 AND date >= $3
       ORDER BY known_from, signal, location, date`,
      [signals, day, from],
    );
  }
}

const keyOf = ({ signal, location, date, knownFrom }: SignalValue) => `${signal} ${location} ${date} ${knownFrom}`;
