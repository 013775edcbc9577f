import { Inject, Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { Housekeeping, removeRows } from '../../platform/housekeeping/index.ts';
import { ObjectStore } from '../../platform/objectstore/index.ts';
import { JobStoppedError } from '../../platform/queue/index.ts';
import { archiveHoldOut, expiredHoldOuts, HOLD_OUT_DAYS } from './archive-hold-out.ts';

/** Days before the latest sales that these tables tell of: what somebody compares with is a year ago, or two. */
const KEPT_DAYS = { forecast_anomalies: 730, live_accuracy: 730, availability_days: 1_095 } as const;
const DAY_MS = 86_400_000;

/** Clears away what is known of single days long ago, and moves the hold-outs of models of old into the object store. */
@Injectable()
export class ForecastHousekeeping implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly store: ObjectStore,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    for (const [table, value] of Object.entries(KEPT_DAYS)) {
      const condition = 'date < (SELECT business_date FROM data_clock) - $1::int';
      this.housekeeping.register({
        name: table.replaceAll('_', '-'),
        clean: ({ signal }) => removeRows(this.dataSource, signal, { table, condition, value }),
      });
    }
    this.housekeeping.register({
      name: 'hold-outs',
      clean: ({ now, signal }) => this.archiveHoldOuts(new Date(now.getTime() - HOLD_OUT_DAYS * DAY_MS), signal),
    });
  }

  private async archiveHoldOuts(before: Date, signal: AbortSignal): Promise<number> {
    const models = await expiredHoldOuts(this.dataSource, before);
    for (const model of models) {
      if (signal.aborted) throw new JobStoppedError('Stopped between two models');
      await archiveHoldOut(this.config, this.store, model);
    }
    return models.length;
  }
}
