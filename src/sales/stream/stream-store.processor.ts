import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { lockSales } from '../import/load.ts';
import { heardOf, queryOf } from '../import/ownership.ts';
import { announceDays } from './announce.ts';
import { closeShards } from './shards.ts';
import { prepareStore, StoredEvents, storeWaiting } from './store-batch.ts';
import { StreamJobs } from './stream-jobs.ts';
import { streamEvents } from './stream-metrics.ts';

/** Events that arrive within this time are stored together. */
const CYCLE_MS = 250;
/** Nothing has come for so long: a pause, in which a shard may end. */
const IDLE_MS = 2_000;
/**
 * The job ends when nothing has come for so long, and after a while in any case: what follows is another job's. Long, since
 * each job is a row that is kept.
 */
const END_MS = 15_000;
const LONGEST_MS = 10 * 60_000;
/** Pause between two looks at what is done besides storing. */
const TEND_EVERY_MS = 5_000;

type Nothing = Record<string, never>;

/** Stores the events that wait, as long as there are any; see {@link storeWaiting}. */
@Injectable()
@QueueProcessor('stream-store')
export class StreamStoreProcessor extends JobProcessor<Nothing> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly catalogue: CatalogueService,
    private readonly streamJobs: StreamJobs,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Nothing>): Promise<Record<string, unknown>> {
    const totals = { events: 0, stored: 0, duplicate: 0, settled: 0 };
    await withBulkConnection(this.config, async (client) => {
      await prepareStore(client);
      const ending = Date.now() + LONGEST_MS;
      for (let lastEvent = Date.now(), tended = 0; Date.now() < ending;) {
        const started = Date.now();
        const result = await this.storeOnce(client, context);
        for (const key of ['events', 'stored', 'duplicate', 'settled'] as const) totals[key] += result[key];
        if (result.batches > 0) lastEvent = Date.now();
        const quiet = Date.now() - lastEvent;
        if (quiet > END_MS || Date.now() - tended > TEND_EVERY_MS) {
          // Not while events wait: some may belong to the day that would be closed.
          await this.tend(client, context, quiet > IDLE_MS, result.batches === 0);
          tended = Date.now();
        }
        if (quiet > END_MS) break;
        context.progress(0, 'storing', `${totals.events} events`);
        await sleep(Math.max(0, CYCLE_MS - (Date.now() - started)));
      }
    });
    // An event that came after the last look is found here: whoever sends one later finds this job ended.
    context.onSuccess((manager) => this.streamJobs.leftOver(manager));
    return totals;
  }

  private async storeOnce(client: Client, context: JobContext<Nothing>): Promise<StoredEvents> {
    if (context.signal.aborted) throw new JobStoppedError('Stopped between two transactions');
    const result = await storeWaiting(client, this.catalogue, (query) => context.owns(query));
    if (!result) return lost(context);
    for (const outcome of ['stored', 'duplicate', 'settled'] as const) streamEvents.inc({ outcome }, result[outcome]);
    return result;
  }

  /** Closes the shards that are due and announces the days that are over. */
  private async tend(client: Client, context: JobContext<Nothing>, idle: boolean, drained: boolean): Promise<void> {
    await client.query('BEGIN');
    await lockSales(client);
    const closed = await closeShards(client, idle);
    if (drained) await announceDays(client, this.streamJobs.today());
    if (!(await context.owns(queryOf(client)))) {
      await client.query('ROLLBACK');
      return lost(context);
    }
    await client.query('COMMIT');
    if (closed > 0) await this.streamJobs.ensure('stream-landing');
  }
}

/** The job is no longer this attempt's: ends once the reason is known. */
async function lost(context: JobContext<Nothing>): Promise<never> {
  await heardOf(context.signal);
  throw new JobStoppedError('The job was cancelled or another attempt has taken it over');
}
