import { Injectable, OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import type { Job } from '../queue/index.ts';
import type { StartedRun } from '../workflow/index.ts';
import { isCron } from './cron.ts';
import { declareSchedule } from './schedule.store.ts';

/** A tick as the work it starts sees it. */
export interface Tick {
  /** Name of the schedule. */
  readonly schedule: string;
  /** When the schedule came due, which may be a while ago. */
  readonly at: Date;
}

/** What a schedule is and does. */
export interface Schedule {
  /** Unique; words with hyphens, such as `weekly-retraining`. */
  readonly name: string;
  readonly summary: string;
  /** When it comes due until an administrator says otherwise: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /**
   * Starts the work inside the transaction of the tick, by `WorkflowsService.create` or `JobsService.create`; what it
   * answers is woken after the commit. Null = there is nothing to do. An `AppError` is noted as the outcome of the tick;
   * after any other error the tick is tried again.
   */
  start(manager: EntityManager, tick: Tick): Promise<StartedRun | Job | null>;
}

/**
 * What schedules do, by name. Features register theirs in `onModuleInit`:
 * `schedules.register({ name: 'weekly-retraining', summary: '…', cron: '0 3 * * 0', start: (manager) => workflows.create(manager, …) })`
 */
@Injectable()
export class ScheduleRegistry implements OnApplicationBootstrap {
  private readonly schedules = new Map<string, Schedule>();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws Error for a name that is taken or an expression that is none */
  register(schedule: Schedule): void {
    if (this.schedules.has(schedule.name)) throw new Error(`There is a schedule ${schedule.name} already`);
    if (!isCron(schedule.cron, new Date()))
      throw new Error(`Schedule ${schedule.name}: ${schedule.cron} never comes due`);
    this.schedules.set(schedule.name, schedule);
  }

  get(name: string): Schedule | undefined {
    return this.schedules.get(name);
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const schedule of this.schedules.values()) await declareSchedule(this.dataSource.manager, schedule);
  }
}
