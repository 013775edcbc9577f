import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { archiveMonth, ArchiveOutcome, lockArchive } from './archive-month.ts';
import { expiredMonths } from './archived-months.ts';
import { restoreMonth } from './restore-month.ts';

/** What a job does: brings the named month back (its first day), or archives all whose time is over. */
export interface ArchivePayload extends Record<string, unknown> {
  readonly restore?: string;
}

const DAMAGED = 'sales.archive_damaged';

/** Moves whole months of sales into the archive, and back. */
@Injectable()
@QueueProcessor('sales-archive')
export class SalesArchiveProcessor extends JobProcessor<ArchivePayload> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: ObjectStore,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<ArchivePayload>): Promise<Record<string, unknown>> {
    const { restore } = context.payload;
    return withBulkConnection(this.config, async (client) => {
      // A server process whose client is gone must let go of the locks.
      await client.query(`SET client_connection_check_interval = '2s'`);
      await lockArchive(client);
      return restore === undefined ? this.archive(client, context) : this.restore(client, context, restore);
    });
  }

  private async archive(client: Client, context: JobContext<ArchivePayload>): Promise<Record<string, unknown>> {
    const { salesMonths } = this.config.retention;
    const outcomes: Record<ArchiveOutcome, string[]> = { archived: [], busy: [], changing: [], superseded: [] };
    if (salesMonths !== null) {
      const [{ now }] = await this.dataSource.query<{ now: Date }[]>('SELECT now()');
      const months = await expiredMonths((sql, values) => this.dataSource.query(sql, values), salesMonths, now);
      for (const [done, month] of months.entries()) {
        context.progress((100 * done) / months.length, 'archiving', `Sales of ${month.slice(0, 7)}`);
        const outcome = await archiveMonth(client, this.store, month, context);
        if (outcome === 'superseded') throw new JobStoppedError('Another attempt has taken over');
        outcomes[outcome].push(month.slice(0, 7));
      }
    }
    const { archived, busy, changing } = outcomes;
    return { archived, left: [...busy, ...changing].sort() };
  }

  private async restore(
    client: Client,
    context: JobContext<ArchivePayload>,
    month: string,
  ): Promise<Record<string, unknown>> {
    context.progress(5, 'restoring', `Sales of ${month.slice(0, 7)}`);
    try {
      const restored = await restoreMonth(client, this.store, month, (query) => context.owns(query));
      if (!restored) throw new JobStoppedError('Another attempt has taken over');
      return { month: month.slice(0, 7), rows: restored.rows, keep_until: restored.keepUntil?.toISOString() };
    } catch (error) {
      if ((error as { code?: string }).code === 'ARCHIVE_DAMAGED')
        await this.alerts.raise({
          kind: DAMAGED,
          severity: 'critical',
          subject: (error as Error).message,
          dedupeKey: `${DAMAGED}:${month}`,
        });
      throw error;
    }
  }
}
