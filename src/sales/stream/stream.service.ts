import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { AppError, ForbiddenError } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { InboxWriter } from './inbox-writer.ts';
import { keepBatch } from './inbox.ts';
import { EventBatch, EventBytes, readEvents } from './read-body.ts';
import { StreamJobs } from './stream-jobs.ts';
import { streamEvents } from './stream-metrics.ts';

/** Takes sales in event by event: what it accepts is in the database, and will be stored. */
@Injectable()
export class StreamService {
  private readonly writer = new InboxWriter((events) => keepBatch(this.dataSource.manager, events));

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly streamJobs: StreamJobs,
  ) {}

  /**
   * Keeps the events of a request's body that are fit. Safe to call again with the same events: each id counts once.
   * @throws AppError 400 when none is fit, 413 for too many, 503 when more come in than can be kept; ForbiddenError for callers limited to some places
   */
  async accept(body: EventBytes, caller: Principal): Promise<EventBatch> {
    if (caller.locationIds.length)
      throw new ForbiddenError('Events of sales may name any location; you are limited to some');
    try {
      const batch = readEvents(body, { now: Date.now(), timezone: this.config.scheduleTimezone });
      await this.writer.write(batch.accepted);
      this.streamJobs.wakeStore();
      streamEvents.inc({ outcome: 'accepted' }, batch.accepted.ids.length);
      streamEvents.inc({ outcome: 'duplicate' }, batch.duplicates);
      streamEvents.inc({ outcome: 'rejected' }, batch.rejected.length);
      return batch;
    } catch (error) {
      if (error instanceof AppError && error.status < 500)
        streamEvents.inc({ outcome: 'rejected' }, Math.max(1, error.errors.length));
      throw error;
    }
  }
}
