import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../config/index.ts';
import type { AppConfig } from '../config/index.ts';
import { ObjectStore } from '../objectstore/index.ts';
import { Chore, ChoreContext, inParts } from './chore.ts';
import {
  PART_ROWS,
  PART_RUNS,
  removeAlerts,
  removeJobs,
  removeRunFiles,
  removeRuns,
  removeTicks,
} from './finished-work.ts';

const DAY_MS = 86_400_000;

/**
 * Clears away what is finished and old: jobs, runs of workflows and their files, ticks of schedules, resolved alerts, and
 * what features have registered. Unfinished work is never touched, nor a job that another record names as its origin.
 */
@Injectable()
export class Housekeeping {
  private readonly chores = new Map<string, Chore>();

  constructor(
    @InjectDataSource() dataSource: DataSource,
    store: ObjectStore,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    const { runFilesDays } = config.retention;
    const add = (name: string, size: number, part: (context: ChoreContext) => Promise<number>) =>
      this.register({ name, clean: (context) => inParts(context.signal, size, () => part(context)) });
    add('run-files', PART_RUNS, ({ now }) => removeRunFiles(dataSource, store, daysBefore(now, runFilesDays), now));
    add('runs', PART_RUNS, ({ before }) => removeRuns(dataSource, store, before));
    add('jobs', PART_ROWS, ({ before }) => removeJobs(dataSource, before));
    add('ticks', PART_ROWS, ({ before }) => removeTicks(dataSource, before));
    add('alerts', PART_ROWS, ({ before }) => removeAlerts(dataSource, before));
  }

  /** Adds what a feature has to clear away; to be called in its `onModuleInit`. @throws Error for a name that is taken */
  register(chore: Chore): void {
    if (this.chores.has(chore.name)) throw new Error(`There is a chore ${chore.name} already`);
    this.chores.set(chore.name, chore);
  }

  /** Does all chores as of a time; answers by name how many things went. */
  async clean(
    now: Date,
    signal: AbortSignal,
    onProgress: (percent: number, chore: string) => void = () => undefined,
  ): Promise<Record<string, number>> {
    const before = daysBefore(now, this.config.retention.finishedDays);
    const counts: Record<string, number> = {};
    let done = 0;
    for (const chore of this.chores.values()) {
      onProgress((100 * done++) / this.chores.size, chore.name);
      counts[chore.name] = await chore.clean({ now, before, signal });
    }
    return counts;
  }
}

function daysBefore(now: Date, days: number): Date {
  return new Date(now.getTime() - days * DAY_MS);
}
