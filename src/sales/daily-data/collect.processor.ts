import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult, WorkflowsService } from '../../platform/workflow/index.ts';
import { SalesArchiveService } from '../archive/sales-archive.service.ts';
import { dayInZone, formatDay } from '../csv/values.ts';
import { SalesService } from '../sales.service.ts';
import { DAILY_DATA, DailyDataInput } from './daily-data.workflow.ts';
import { monthsOwed } from './month-files.ts';
import { daysBefore, monthsOf } from './months.ts';
import { salesSource, SourceReport, UploadReport, uploadStates } from './sources.ts';

/** Days before the latest day of sales whose months are looked at where a run names none: corrections come late. */
const LOOK_BACK_DAYS = 35;

/** What the step hands on. */
export interface Collected extends Record<string, unknown> {
  readonly sources: readonly SourceReport[];
  readonly uploads: UploadReport;
  readonly from: string | null;
  readonly to: string | null;
}

/** Takes stock of what has come in, and names the months to curate. */
@Injectable()
@QueueProcessor('data-collect')
export class CollectProcessor extends StepProcessor<DailyDataInput, Collected> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly workflows: WorkflowsService,
    private readonly sales: SalesService,
    private readonly archive: SalesArchiveService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    super(dataSource);
  }

  protected async perform({ input }: StepContext<DailyDataInput>): Promise<StepResult<Collected>> {
    const { manager } = this.dataSource;
    const since = await this.workflows.lastSuccess(DAILY_DATA.name);
    const today = formatDay(dayInZone(new Date(), this.config.scheduleTimezone));
    const sources = [await salesSource(manager, since, today)];
    const uploads = await uploadStates(manager, since);
    const { first, last } = await this.sales.range();
    const owed = input.from || input.to ? [] : await monthsOwed(manager, first, last);
    // The files of an archived month stand as they are: there are no sales to write them from.
    const archived = new Set(await this.archive.monthsWithin('1970-01-01', '9999-12-31'));
    const shardsOf = (months: readonly string[]) =>
      [...new Set(months)]
        .filter((month) => !archived.has(month))
        .sort()
        .map((month) => ({ month }));
    if (first === null || last === null)
      return { output: { sources, uploads, from: null, to: null }, shards: shardsOf(owed) };
    const to = input.to ?? last;
    const from = input.from ?? daysBefore(to, LOOK_BACK_DAYS);
    const window = { from: from > first ? from : first, to: to < last ? to : last };
    const shards = shardsOf([...monthsOf(window.from, window.to), ...owed]);
    return { output: { sources, uploads, ...window }, shards };
  }
}
