import { DynamicModule, Global, Module, Provider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { ScheduleRegistry } from './schedule-registry.ts';
import { SCHEDULE_CLOCK, ScheduleClock, Scheduler } from './scheduler.ts';

const databaseClock: Provider = {
  provide: SCHEDULE_CLOCK,
  inject: [getDataSourceToken()],
  useFactory:
    (dataSource: DataSource): ScheduleClock =>
    async () => {
      const [{ now }] = await dataSource.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
      return now;
    },
};

/** Schedules of features. `forWorker` also fires them. */
@Global()
@Module({})
export class SchedulesModule {
  static forApi(): DynamicModule {
    return { module: SchedulesModule, providers: [ScheduleRegistry], exports: [ScheduleRegistry] };
  }

  static forWorker(clock: Provider = databaseClock): DynamicModule {
    return { module: SchedulesModule, providers: [ScheduleRegistry, Scheduler, clock], exports: [ScheduleRegistry] };
  }
}
