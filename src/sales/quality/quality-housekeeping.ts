import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Housekeeping, removeRows } from '../../platform/housekeeping/index.ts';

/** How long it is known which days of an upload had which defects; its report stays. */
const KEPT_DAYS = 730;

/** Clears away the defects by day of uploads that came long ago. */
@Injectable()
export class QualityHousekeeping implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register({
      name: 'quality-days',
      clean: ({ now, signal }) =>
        removeRows(this.dataSource, signal, {
          table: 'quality_days',
          condition: 'upload IN (SELECT id FROM uploads WHERE created_at < $1)',
          value: new Date(now.getTime() - KEPT_DAYS * 86_400_000),
        }),
    });
  }
}
