import { Inject, Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { ConflictError, NotFoundError } from '../../platform/http/index.ts';
import { JobsService } from '../../platform/queue/index.ts';
import type { Job } from '../../platform/queue/index.ts';
import { ScheduleRegistry } from '../../platform/schedules/index.ts';
import { ArchivedMonth, findArchived, listArchived, monthsInArchive } from './archived-months.ts';
import type { ArchivePayload } from './sales-archive.processor.ts';

/** What is in the archive of sales; starts what moves months into it and back. */
@Injectable()
export class SalesArchiveService implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
  ) {}

  onModuleInit(): void {
    if (this.config.retention.salesMonths === null) return;
    this.schedules.register({
      name: 'sales-archive',
      summary: 'Move the months of sales whose time is over into the object store',
      cron: '0 5 * * *',
      start: (manager) => this.jobs.create(manager, { kind: 'sales-archive', payload: {}, dedupeKey: 'sales-archive' }),
    });
  }

  /** Every month that was ever archived, the latest first. */
  list(): Promise<ArchivedMonth[]> {
    return listArchived((sql, values) => this.dataSource.query(sql, values));
  }

  /** First days of the months from one day to another whose sales are in the archive alone. */
  monthsWithin(from: string, to: string): Promise<string[]> {
    return monthsInArchive((sql, values) => this.dataSource.query(sql, values), from, to);
  }

  /**
   * Starts to bring a month back, or joins who does.
   * @param month its first day
   * @throws NotFoundError for a month that was never archived; ConflictError for one that has been brought back
   */
  async restore(month: string, createdBy: string): Promise<Job> {
    const archived = await findArchived((sql, values) => this.dataSource.query(sql, values), month);
    if (!archived) throw new NotFoundError('Archived month');
    if (archived.restoredAt) throw new ConflictError('The sales of this month have been brought back already', 'month');
    const payload: ArchivePayload = { restore: month };
    return this.jobs.enqueue({ kind: 'sales-archive', payload, dedupeKey: `sales-archive:${month}`, createdBy });
  }
}
