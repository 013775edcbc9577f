import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { observeBreakers } from '../../platform/metrics/metrics.ts';
import type { CallRecord } from './guarded-service.ts';
import type { SourceName } from './signal-source.ts';

/** Days over which the uptime of a service is measured. */
export const UPTIME_DAYS = 30;
/** Days for which calls are kept. */
const KEPT_DAYS = 90;

/** How a service has fared. */
export interface SourceHealth {
  readonly source: SourceName;
  readonly lastSuccess: Date | null;
  readonly lastError: string | null;
  /** Calls of the last {@link UPTIME_DAYS} days. */
  readonly calls: number;
  /** Share of them that succeeded; null = there were none. */
  readonly uptime: number | null;
  /** Whether the service is being left alone. */
  readonly breakerOpen: boolean;
}

/** The record of how services answer, and the state of their circuit breakers between fetches. */
@Injectable()
export class SourceRecord implements OnModuleInit {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    observeBreakers('signals', async () => {
      const kept = await this.dataSource.query<{ source: string; open: boolean }[]>(
        `SELECT source, open FROM signal_breakers`,
      );
      return new Map(kept.map(({ source, open }) => [source, open]));
    });
  }

  /** Notes a call. */
  async note(source: SourceName, provider: string, call: CallRecord): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO signal_calls (source, provider, succeeded, attempts, duration_ms, error) VALUES ($1, $2, $3, $4, $5, $6)`,
      [source, provider, call.succeeded, call.attempts, call.durationMs, call.error],
    );
  }

  /** The state of a breaker as it was kept; undefined = none was. */
  async breakerState(source: SourceName): Promise<unknown> {
    const [row] = await this.dataSource.query<{ state: unknown }[]>(
      `SELECT state FROM signal_breakers WHERE source = $1`,
      [source],
    );
    return row?.state;
  }

  async keepBreaker(source: SourceName, breaker: { readonly open: boolean; readonly state: unknown }): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO signal_breakers (source, open, state) VALUES ($1, $2, $3)
       ON CONFLICT (source) DO UPDATE SET open = excluded.open, state = excluded.state, updated_at = now()`,
      [source, breaker.open, JSON.stringify(breaker.state)],
    );
  }

  /** Removes the record of calls that no measure looks at any more. */
  async forgetOld(): Promise<void> {
    await this.dataSource.query(`DELETE FROM signal_calls WHERE at < now() - make_interval(days => $1)`, [KEPT_DAYS]);
  }

  /** How services have fared, by name. */
  async health(sources: readonly SourceName[]): Promise<SourceHealth[]> {
    return this.dataSource.query<SourceHealth[]>(
      `SELECT s.source, max(c.at) FILTER (WHERE c.succeeded) AS "lastSuccess",
         (array_agg(c.error ORDER BY c.at DESC) FILTER (WHERE NOT c.succeeded))[1] AS "lastError",
         count(c.id) FILTER (WHERE c.at > now() - make_interval(days => $2))::int AS calls,
         avg(c.succeeded::int) FILTER (WHERE c.at > now() - make_interval(days => $2))::float8 AS uptime,
         coalesce(bool_or(b.open), false) AS "breakerOpen"
       FROM unnest($1::text[]) WITH ORDINALITY AS s (source, place)
         LEFT JOIN signal_calls AS c ON c.source = s.source LEFT JOIN signal_breakers AS b ON b.source = s.source
       GROUP BY s.source, s.place ORDER BY s.place`,
      [sources, UPTIME_DAYS],
    );
  }
}
