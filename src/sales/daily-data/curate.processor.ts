import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { curateMonth, currentKey, recordMonth } from './curated-month.ts';
import type { DailyDataInput } from './daily-data.workflow.ts';

/** What is known of a curated month. */
export interface CuratedOutput extends Record<string, unknown> {
  readonly month: string;
  readonly rows: number;
  readonly object_key: string;
  readonly sha256: string;
  /** Key of the file it takes the place of; null where nothing has changed, or there was none. */
  readonly replaces: string | null;
  readonly disagreements: number;
}

/** Brings the curated file of one month up to date. */
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
    const curated = await curateMonth(this.dataSource, this.store, month);
    const before = await currentKey(this.dataSource.manager, month);
    context.onSuccess((manager) => recordMonth(manager, curated, context.runId));
    const { rows, disagreements, object } = curated;
    const replaces = before === object.key ? null : before;
    return { output: { month, rows, object_key: object.key, sha256: object.sha256, replaces, disagreements } };
  }
}
