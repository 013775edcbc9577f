import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { CuratedMonth, curateMonth } from './curated-days.ts';
import type { DailyDataInput } from './daily-data.workflow.ts';
import { dropMonthFile } from './month-files.ts';

/** What a run tells of a month. */
export type CuratedOutput = CuratedMonth & Record<string, unknown>;

/** Brings the curated files of one month up to date. */
@Injectable()
@QueueProcessor('data-curate')
export class CurateProcessor extends StepProcessor<DailyDataInput, CuratedOutput> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<DailyDataInput>): Promise<StepResult<CuratedOutput>> {
    const { month } = context.shard.descriptor as { readonly month: string };
    context.progress(5, 'curating', `Writing the sales of ${month.slice(0, 7)}`);
    const curated = await curateMonth(this.dataSource, this.store, month, {
      runId: context.runId,
      owns: () => context.owns((sql, parameters) => this.dataSource.query(sql, parameters)),
    });
    await dropMonthFile(this.dataSource, this.store, month);
    return { output: { ...curated } };
  }
}
