import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { nextToLand, recordLanded, shardContent, shardKey } from './shards.ts';
import { StreamJobs } from './stream-jobs.ts';

/** Writes closed shards into the raw zone of the object store; only then their batches go. */
@Injectable()
@QueueProcessor('stream-landing')
export class StreamLandingProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
    private readonly streamJobs: StreamJobs,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const keys: string[] = [];
    for (;;) {
      if (context.signal.aborted) throw new JobStoppedError('Stopped between two shards');
      const shard = await nextToLand(this.dataSource.manager);
      if (!shard) break;
      const object = await this.store.put(shardKey(shard), shardContent(this.dataSource.manager, shard));
      await this.dataSource.transaction(async (manager) => {
        if (!(await context.owns((sql, parameters) => manager.query(sql, parameters))))
          throw new JobStoppedError('The job was cancelled or another attempt has taken it over');
        await recordLanded(manager, shard, object);
      });
      keys.push(object.key);
      context.progress(0, 'landing', object.key);
    }
    context.onSuccess((manager) => this.streamJobs.leftOver(manager));
    return { shards: keys };
  }
}
