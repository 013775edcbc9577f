import { Injectable, OnModuleInit } from '@nestjs/common';
import { ConflictError, InvalidRequestError } from '../../platform/http/index.ts';
import { ScheduleRegistry } from '../../platform/schedules/index.ts';
import { WorkflowsService } from '../../platform/workflow/index.ts';
import { DAILY_DATA, DailyDataInput } from './daily-data.workflow.ts';

/** One run at a time: two that write the same months would wait for each other. */
const ONE_AT_A_TIME = { dedupeKey: DAILY_DATA.name };

/** Starts the daily data job, by the clock or because somebody asks for days gone by. */
@Injectable()
export class DailyDataService implements OnModuleInit {
  constructor(
    private readonly schedules: ScheduleRegistry,
    private readonly workflows: WorkflowsService,
  ) {}

  onModuleInit(): void {
    this.schedules.register({
      name: 'daily-data',
      summary: 'Take stock of what has come in and bring the curated files up to date',
      cron: '30 1 * * *',
      start: (manager) => this.workflows.create(manager, DAILY_DATA, {}, ONE_AT_A_TIME),
    });
  }

  /**
   * Starts a run over a range of days, or joins the one under way if it is about the same.
   * @throws InvalidRequestError for a range that ends before it begins; ConflictError while a run about other days is under way
   */
  async start({ from, to }: DailyDataInput, createdBy: string): Promise<{ readonly id: string }> {
    if (from && to && from > to) throw new InvalidRequestError('from', 'must not lie after to');
    const run = await this.workflows.start(DAILY_DATA, { from, to }, { ...ONE_AT_A_TIME, createdBy });
    const under = run.input as DailyDataInput;
    if (under.from !== from || under.to !== to)
      throw new ConflictError(`Run ${run.id}, which is about other days, is under way`);
    return run;
  }
}
