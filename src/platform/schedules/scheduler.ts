import { Inject, Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { AppError, withCorrelationId } from '../http/index.ts';
import { Job, JobsService } from '../queue/index.ts';
import { countTicks, latestTick } from './cron.ts';
import { Schedule, ScheduleRegistry } from './schedule-registry.ts';
import { completeTick, enterTick, findSchedule, listSchedules, ScheduleRow } from './schedule.store.ts';

const LOOK_MS = 5_000;

/** Injection token of the clock that schedules go by; the database's, so that all schedulers share one. */
export const SCHEDULE_CLOCK = Symbol('SCHEDULE_CLOCK');
export type ScheduleClock = () => Promise<Date>;

/**
 * Starts what has come due. Any number of schedulers may run: the first to enter a tick does its work, in the same
 * transaction. After a time in which none ran, only the latest tick of each schedule is made up for.
 */
@Injectable()
export class Scheduler {
  private readonly logger = new Logger(Scheduler.name);
  private looking = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly registry: ScheduleRegistry,
    private readonly jobs: JobsService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(SCHEDULE_CLOCK) private readonly clock: ScheduleClock,
  ) {}

  @Interval(LOOK_MS)
  async tick(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.look();
    } catch (error) {
      this.logger.warn(`Schedules could not be read: ${(error as Error).message}`);
    } finally {
      this.looking = false;
    }
  }

  /** Looks once at all schedules; answers the names of those whose tick it was the one to fire. */
  async look(): Promise<string[]> {
    const fired: string[] = [];
    const now = await this.clock();
    for (const row of await listSchedules(this.dataSource.manager)) {
      const schedule = this.registry.get(row.name);
      const tick = schedule && this.owed(row, now);
      if (!schedule || !tick) continue;
      try {
        const correlation = `${row.name}-${tick.toISOString().replaceAll(':', '.')}`;
        if (await withCorrelationId(correlation, () => this.fire(schedule, row, tick))) fired.push(row.name);
      } catch (error) {
        // Nothing of the tick has been written, so that the next look tries it again.
        this.logger.error({ err: error, message: `Schedule ${row.name} could not start its work` });
      }
    }
    return fired;
  }

  /** The tick that a schedule owes at a time, if any. */
  private owed(row: ScheduleRow, now: Date): Date | null {
    if (!row.enabled) return null;
    const tick = latestTick(row.cron, row.timezone ?? this.config.scheduleTimezone, now);
    return tick && tick > (row.last_tick ?? row.counts_from) && tick > row.counts_from ? tick : null;
  }

  private async fire(schedule: Schedule, seen: ScheduleRow, tick: Date): Promise<boolean> {
    const due = await this.dataSource.transaction(async (manager): Promise<Job[] | null> => {
      const row = await findSchedule(manager, schedule.name, true);
      // It was changed since it was read: the next look goes by what it says now.
      if (!row || row.version !== seen.version) return null;
      const zone = row.timezone ?? this.config.scheduleTimezone;
      const since = row.last_tick && row.last_tick > row.counts_from ? row.last_tick : row.counts_from;
      const missed = countTicks(row.cron, zone, since, tick);
      if (!(await enterTick(manager, schedule.name, tick, missed))) return null;
      return this.start(manager, schedule, tick);
    });
    if (!due) return false;
    await this.jobs.wakeAll(due);
    this.logger.log({ message: `Schedule ${schedule.name} came due`, tick: tick.toISOString() });
    return true;
  }

  private async start(manager: EntityManager, schedule: Schedule, tick: Date): Promise<Job[]> {
    try {
      // A transaction within: what a refused start has written goes, the tick stays.
      const work = await manager.transaction((inner) => schedule.start(inner, { schedule: schedule.name, at: tick }));
      if (!work) return [];
      const run = 'run' in work;
      await completeTick(manager, schedule.name, tick, run ? { run_id: work.run.id } : { job_id: work.id });
      return run ? [...work.due] : [work];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      await completeTick(manager, schedule.name, tick, { error: { code: error.code, message: error.message } });
      this.logger.warn(`Schedule ${schedule.name} found nothing it could start: ${error.message}`);
      return [];
    }
  }
}
