import { Injectable, Logger, OnModuleInit } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Housekeeping } from '../../platform/housekeeping/index.ts';
import { removeIds, removeShards, removeTotals } from './remove-old.ts';
import { StreamJobs } from './stream-jobs.ts';

const LOOK_MS = 5_000;

/** Looks after the stream in workers: starts what is due and was not asked for, and clears away what is old. */
@Injectable()
export class StreamWatch implements OnModuleInit {
  private readonly logger = new Logger(StreamWatch.name);
  private looking = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly streamJobs: StreamJobs,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register({ name: 'stream-ids', clean: ({ now }) => removeIds(this.dataSource, now) });
    this.housekeeping.register({ name: 'stream-totals', clean: (context) => removeTotals(this.dataSource, context) });
    this.housekeeping.register({ name: 'stream-shards', clean: ({ before }) => removeShards(this.dataSource, before) });
  }

  @Interval(LOOK_MS)
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.streamJobs.lookForWork();
    } catch (error) {
      this.logger.warn(`Could not look after the stream: ${(error as Error).message}`);
    } finally {
      this.looking = false;
    }
  }
}
