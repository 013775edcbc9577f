import { Injectable, Logger, OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SalesService } from '../../sales/index.ts';

/** A new run is noticed at the latest after so long; well within the second in which every process shall show it. */
const POLL_MS = 250;

/**
 * Names the state of what is forecast: how often was published, and the sales loaded. Cached answers carry it, so that none
 * outlives the state it was made from. Looked up four times a second instead of on every request; while the database is
 * away the last known state holds.
 */
@Injectable()
export class ForecastEpoch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ForecastEpoch.name);
  private timer: NodeJS.Timeout | undefined;
  private epoch = '';
  private looking = false;
  private away = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly sales: SalesService,
  ) {}

  /** The state as of the last look. */
  get current(): string {
    return this.epoch;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), POLL_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      const [[{ publications }], salesHash] = await Promise.all([
        this.dataSource.query<{ publications: string }[]>('SELECT publications FROM forecast_clock'),
        this.sales.dataHash(),
      ]);
      this.epoch = `${publications}.${salesHash}`;
      this.away = false;
    } catch (error) {
      if (!this.away) this.logger.warn(`Cannot look for new forecasts: ${(error as Error).message}`);
      this.away = true;
    } finally {
      this.looking = false;
    }
  }
}
