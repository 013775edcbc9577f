import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { archiveRun, expiredRuns, removeRun } from './archive-run.ts';

/**
 * Archives and removes the forecasts whose ninety days are over. A run is first written to the object store and then
 * taken out of the tables, so that a crash between the two writes the same object again and loses nothing.
 */
@Injectable()
@QueueProcessor('forecast-retention')
export class ForecastRetentionProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const [{ now }] = await this.dataSource.query<{ now: Date }[]>('SELECT now()');
    const runs = await expiredRuns(this.dataSource, now);
    const archived: string[] = [];
    for (const [done, run] of runs.entries()) {
      if (context.signal.aborted) throw new JobStoppedError('Stopped between two runs');
      context.progress((100 * done) / runs.length, 'archiving', `Run of ${run.businessDate}`);
      const archive = run.published ? await archiveRun(this.dataSource, this.store, run) : null;
      await removeRun(this.dataSource, run, archive);
      if (archive) archived.push(archive.key);
    }
    return { removed_runs: runs.length, archived };
  }
}
