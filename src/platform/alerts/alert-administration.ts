import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../audit/index.ts';
import { AlertRow, AlertsService, AlertState, RunSql } from './alerts.service.ts';

/** What people do about alerts; each act leaves an entry in the audit trail. */
@Injectable()
export class AlertAdministration {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly alerts: AlertsService,
    private readonly audit: AuditTrail,
  ) {}

  /** As {@link AlertsService.acknowledge}. @throws NotFoundError */
  acknowledge(alertId: string, by: string): Promise<AlertRow> {
    return this.act(alertId, by, 'alert.acknowledged', (run) => this.alerts.acknowledge(alertId, by, run));
  }

  /** As {@link AlertsService.resolve}. @throws NotFoundError */
  resolve(alertId: string, by: string): Promise<AlertRow> {
    return this.act(alertId, by, 'alert.resolved', (run) => this.alerts.resolve(alertId, by, run));
  }

  private act(
    alertId: string,
    actor: string,
    action: string,
    move: (run: RunSql) => Promise<AlertRow>,
  ): Promise<AlertRow> {
    return this.dataSource.transaction(async (manager) => {
      const [before] = await manager.query<{ state: AlertState }[]>(
        `SELECT state FROM alerts WHERE alert_id = $1 FOR UPDATE`,
        [alertId],
      );
      const { kind, state, ...row } = await move((sql, parameters) => manager.query(sql, parameters));
      if (before.state !== state) {
        const entry = { actor, action, entity: 'alert', entityId: alertId };
        await this.audit.record({ ...entry, before: { kind, state: before.state }, after: { kind, state } }, manager);
      }
      return { kind, state, ...row };
    });
  }
}
