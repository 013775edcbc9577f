import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Housekeeping, inParts } from '../../platform/housekeeping/index.ts';

/** Runs removed at a time: each has rows of every series. */
const PART_RUNS = 1;

/** Removes the runs of weeks whose ninety days are over; the current one stays. */
@Injectable()
export class WeeklyHousekeeping implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register({
      name: 'weekly-forecasts',
      clean: ({ now, signal }) => inParts(signal, PART_RUNS, () => this.removeOne(now)),
    });
  }

  private async removeOne(now: Date): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM weekly_runs WHERE id = (
         SELECT id FROM weekly_runs WHERE expires_at <= $1 AND id IS DISTINCT FROM (
           SELECT id FROM weekly_runs WHERE published_at IS NOT NULL ORDER BY business_date DESC, id DESC LIMIT 1)
         ORDER BY expires_at LIMIT 1)`,
      [now],
    );
    return count;
  }
}
