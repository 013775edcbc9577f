import { Injectable, OnModuleInit } from '@nestjs/common';
import { JobsService } from '../platform/queue/index.ts';
import { ScheduleRegistry } from '../platform/schedules/index.ts';
import { DEFAULT_HORIZON_DAYS, ForecastRequests, WEEKS_AHEAD } from './requests.ts';

/** What forecasting does by the clock. */
@Injectable()
export class ForecastSchedules implements OnModuleInit {
  constructor(
    private readonly schedules: ScheduleRegistry,
    private readonly jobs: JobsService,
    private readonly requests: ForecastRequests,
  ) {}

  onModuleInit(): void {
    this.schedules.register({
      name: 'daily-forecast',
      summary: 'Forecast everything anew from the latest sales',
      cron: '0 3 * * *',
      start: (manager) => this.requests.create(manager, { grain: 'day', periods: DEFAULT_HORIZON_DAYS }),
    });
    this.schedules.register({
      name: 'weekly-forecast',
      summary: 'Forecast the coming whole weeks from the latest sales',
      cron: '30 3 * * 1',
      start: (manager) => this.requests.create(manager, { grain: 'week', periods: WEEKS_AHEAD }),
    });
    this.schedules.register({
      name: 'weekly-retraining',
      summary: 'Train a model on all sales; it forecasts if it passes the gate',
      cron: '0 4 * * 0',
      start: (manager) => this.requests.create(manager, 'train'),
    });
    this.schedules.register({
      name: 'signal-ablation',
      summary: 'Measure what each group of signals gains, if the champion is new',
      cron: '0 1 * * 1',
      start: (manager) => this.requests.createMeasuring(manager),
    });
    this.schedules.register({
      name: 'forecast-monitoring',
      summary: 'Compare what was forecast with what was sold, where sales have come in',
      cron: '*/15 * * * *',
      start: async (manager) => {
        const [{ due }] = await manager.query<{ due: boolean }[]>(
          'SELECT d.load_sequence <> m.load_sequence AS due FROM data_clock AS d CROSS JOIN monitoring_clock AS m',
        );
        if (!due) return null;
        return this.jobs.create(manager, {
          kind: 'forecast-monitoring',
          payload: {},
          dedupeKey: 'forecast-monitoring',
        });
      },
    });
    this.schedules.register({
      name: 'availability',
      summary: 'Find the days on which shelves were empty or places silent, and estimate what was in demand',
      cron: '45 2 * * *',
      start: (manager) => this.jobs.create(manager, { kind: 'availability', payload: {}, dedupeKey: 'availability' }),
    });
    this.schedules.register({
      name: 'forecast-retention',
      summary: 'Archive and remove forecasts older than ninety days',
      cron: '30 5 * * *',
      start: (manager) =>
        this.jobs.create(manager, { kind: 'forecast-retention', payload: {}, dedupeKey: 'forecast-retention' }),
    });
  }
}
