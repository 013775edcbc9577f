import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobContext, JobProcessor, JobsService, QueueProcessor } from '../queue/index.ts';
import { ScheduleRegistry } from '../schedules/index.ts';
import { Housekeeping } from './housekeeping.ts';

/** Does the chores once a day, by the database's clock. */
@Injectable()
@QueueProcessor('housekeeping')
export class HousekeepingProcessor extends JobProcessor<Record<string, never>> implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly housekeeping: Housekeeping,
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
  ) {
    super(dataSource);
  }

  onModuleInit(): void {
    this.schedules.register({
      name: 'housekeeping',
      summary: 'Remove finished work and its files, old ticks and resolved alerts',
      cron: '0 6 * * *',
      start: (manager) => this.jobs.create(manager, { kind: 'housekeeping', payload: {}, dedupeKey: 'housekeeping' }),
    });
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const [{ now }] = await this.dataSource.query<{ now: Date }[]>('SELECT now()');
    return this.housekeeping.clean(now, context.signal, (percent, chore) => context.progress(percent, chore));
  }
}
