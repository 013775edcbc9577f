import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { NotFoundError } from '../http/index.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ALERT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** Something that somebody should look at. */
export interface NewAlert {
  /** What sort of matter it is, such as `model.gate_failed`. */
  readonly kind: string;
  readonly severity: Severity;
  /** One line for people. */
  readonly subject: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Names the matter: raised again while unresolved it is the same alert. Default: kind and subject. */
  readonly dedupeKey?: string;
}

/** A row of `alerts`. */
export interface AlertRow {
  readonly id: string;
  readonly alert_id: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly subject: string;
  readonly detail: Record<string, unknown>;
  readonly state: AlertState;
  readonly occurrences: number;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  readonly resolved_at: Date | null;
  readonly resolved_by: string | null;
}

/** Which alerts to list. */
export interface AlertFilter {
  readonly state?: AlertState;
  readonly kind?: string;
  readonly severity?: Severity;
  /** Only alerts older than this one. */
  readonly before: number | null;
  readonly limit: number;
}

/** Runs one statement; what a transaction's own connection, a data source or an entity manager offers. */
export type RunSql = (sql: string, parameters: unknown[]) => Promise<unknown>;

/** Raises alerts and takes note of what people do about them. */
@Injectable()
export class AlertsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Raises an alert; the same matter raised again counts up, with the latest subject and detail.
   * @param run runs it inside the caller's transaction, so that the alert stands or falls with what it is about
   */
  async raise(
    alert: NewAlert,
    run: RunSql = (sql, parameters) => this.dataSource.query(sql, parameters),
  ): Promise<void> {
    const { kind, severity, subject, detail = {}, dedupeKey = `${kind}:${subject}` } = alert;
    await run(
      `INSERT INTO alerts (kind, severity, subject, detail, dedupe_key) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (dedupe_key) WHERE state <> 'resolved' DO UPDATE SET severity = excluded.severity,
         subject = excluded.subject, detail = excluded.detail, occurrences = alerts.occurrences + 1, last_seen_at = now()`,
      [kind, severity, subject, JSON.stringify(detail), dedupeKey],
    );
  }

  /** Ends a matter that has settled itself; nothing happens where it is not open. */
  async settle(
    dedupeKey: string,
    run: RunSql = (sql, parameters) => this.dataSource.query(sql, parameters),
  ): Promise<void> {
    await run(
      `UPDATE alerts SET state = 'resolved', resolved_at = now(), resolved_by = 'system'
       WHERE dedupe_key = $1 AND state <> 'resolved'`,
      [dedupeKey],
    );
  }

  /** Alerts, latest first. */
  list({ state, kind, severity, before, limit }: AlertFilter): Promise<AlertRow[]> {
    return this.dataSource.query<AlertRow[]>(
      `SELECT * FROM alerts WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
         AND ($3::text IS NULL OR severity = $3) AND ($4::bigint IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`,
      [state ?? null, kind ?? null, severity ?? null, before, limit],
    );
  }

  /** Notes that somebody looks after an open alert; one that is no longer open stays as it is. @throws NotFoundError */
  acknowledge(alertId: string, by: string, run?: RunSql): Promise<AlertRow> {
    return this.move(
      alertId,
      `state = 'acknowledged', acknowledged_at = now(), acknowledged_by = $2`,
      `'open'`,
      by,
      run,
    );
  }

  /** Ends an alert; one that was resolved before stays as it is. @throws NotFoundError */
  resolve(alertId: string, by: string, run?: RunSql): Promise<AlertRow> {
    return this.move(
      alertId,
      `state = 'resolved', resolved_at = now(), resolved_by = $2`,
      `'open', 'acknowledged'`,
      by,
      run,
    );
  }

  private async move(
    alertId: string,
    change: string,
    from: string,
    by: string,
    run: RunSql = (sql, parameters) => this.dataSource.query(sql, parameters),
  ): Promise<AlertRow> {
    await run(`UPDATE alerts SET ${change} WHERE alert_id = $1 AND state IN (${from})`, [alertId, by]);
    const [row] = (await run('SELECT * FROM alerts WHERE alert_id = $1', [alertId])) as AlertRow[];
    if (!row) throw new NotFoundError('Alert');
    return row;
  }
}
