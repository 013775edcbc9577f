import { Inject, Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, EntityManager } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { JobsService } from '../../platform/queue/index.ts';
import type { Job } from '../../platform/queue/index.ts';
import { dayInZone, formatDay } from '../csv/values.ts';
import { openWork, streamLag } from './inbox.ts';
import { SHARD_SECONDS } from './shards.ts';
import { observeLag } from './stream-metrics.ts';

/** Requests that come faster than this share a wake-up. */
const WAKE_EVERY_MS = 1_000;

type StreamQueue = 'stream-store' | 'stream-landing';

/** Sees to it that there is a job, and only one, while the stream has something to do. */
@Injectable()
export class StreamJobs implements OnModuleInit {
  private readonly logger = new Logger(StreamJobs.name);
  private asked = false;
  private waking = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobsService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    observeLag(() => streamLag(this.dataSource.manager));
  }

  /** The business's day, ISO. */
  today(): string {
    return formatDay(dayInZone(new Date(), this.config.scheduleTimezone));
  }

  /** The job of a queue, in the caller's transaction; the one that waits or runs if there is one. */
  create(manager: EntityManager, kind: StreamQueue): Promise<Job> {
    return this.jobs.create(manager, { kind, payload: {}, dedupeKey: kind });
  }

  /**
   * Asks for events to be stored that have just been committed. Returns at once: the events are kept, and a wake-up that
   * fails is made up for by {@link lookForWork}.
   */
  wakeStore(): void {
    this.asked = true;
    if (!this.waking) void this.wakeUntilQuiet();
  }

  /** Starts the jobs of work that has come due without anybody asking for it: a day that is over, a wake-up that was lost. */
  async lookForWork(): Promise<void> {
    const work = await openWork(this.dataSource.manager, this.today(), SHARD_SECONDS);
    if (work.store) await this.ensure('stream-store');
    if (work.land) await this.ensure('stream-landing');
  }

  /** Jobs to wake because of work that is left at the end of one, in the transaction that ends it. */
  async leftOver(manager: EntityManager): Promise<Job[]> {
    const work = await openWork(manager, this.today(), SHARD_SECONDS);
    return [
      ...(work.store ? [await this.create(manager, 'stream-store')] : []),
      ...(work.land ? [await this.create(manager, 'stream-landing')] : []),
    ].filter(({ state }) => state === 'queued');
  }

  /** Sees to it that a queue has a job. One that runs looks again before it ends, so it needs no wake-up. */
  async ensure(kind: StreamQueue): Promise<void> {
    const job = await this.create(this.dataSource.manager, kind);
    if (job.state === 'queued') await this.jobs.wake(job);
  }

  private async wakeUntilQuiet(): Promise<void> {
    this.waking = true;
    try {
      while (this.asked) {
        this.asked = false;
        await this.ensure('stream-store');
        await sleep(WAKE_EVERY_MS, undefined, { ref: false });
      }
    } catch (error) {
      this.logger.warn(`Could not ask for events to be stored: ${(error as Error).message}`);
    } finally {
      this.waking = false;
    }
  }
}
