import { Injectable, OnModuleInit } from '@nestjs/common';
import { JobsService } from '../platform/queue/index.ts';
import { ScheduleRegistry } from '../platform/schedules/index.ts';

/** What is fetched by the clock: in time for the daily forecast. */
@Injectable()
export class SignalSchedules implements OnModuleInit {
  constructor(
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
  ) {}

  onModuleInit(): void {
    this.schedules.register({
      name: 'signals-fetch',
      summary: 'Fetch weather, economy and market index, and bring the calendar of festivals and holidays up to date',
      cron: '0 2 * * *',
      start: (manager) =>
        this.jobs.create(manager, { kind: 'external-data-fetcher', payload: {}, dedupeKey: 'external-data-fetcher' }),
    });
  }
}
