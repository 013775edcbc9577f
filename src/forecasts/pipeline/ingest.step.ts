import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { JobsService, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../platform/workflow/index.ts';
import { SalesService } from '../../sales/index.ts';
import { NoSalesError } from '../no-sales.error.ts';
import type { TrainingInput } from './training-workflow.ts';

const LOOK_MS = 1_000;
/** Longest wait for files that are being loaded; what is not in by then is for the next training. */
const PATIENCE_MS = 10 * 60_000;

/** Waits until the files handed in so far are loaded. */
@Injectable()
@QueueProcessor('training-ingest')
export class IngestStep extends StepProcessor<TrainingInput> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly queues: JobsService,
    private readonly sales: SalesService,
  ) {
    super(dataSource);
  }

  protected async perform(context: StepContext<TrainingInput>): Promise<StepResult> {
    const began = performance.now();
    let open = await this.queues.countUnfinished('sales-import');
    while (open > 0 && performance.now() - began < PATIENCE_MS) {
      context.progress(0, 'ingest', `Waiting for ${open} files that are being loaded`);
      await sleep(LOOK_MS, undefined, { signal: context.signal }).catch(() => {
        throw new JobStoppedError('Stopped while waiting for files');
      });
      open = await this.queues.countUnfinished('sales-import');
    }
    const businessDate = await this.sales.businessDate();
    if (businessDate === null) throw new NoSalesError();
    return { output: { business_date: businessDate, files_left_out: open } };
  }
}
