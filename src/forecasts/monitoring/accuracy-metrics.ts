import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { keptReading } from '../../platform/metrics/kept-reading.ts';
import { metrics } from '../../platform/metrics/metrics.ts';
import { championAccuracy } from './champion-accuracy.ts';

/** Accuracy changes once a day; this spares the database those who look every few seconds. */
const KEPT_MS = 60_000;

type Accuracy = Awaited<ReturnType<typeof championAccuracy>>;

let read: (() => Promise<Accuracy>) | null = null;

/** A gauge of the champion's accuracy, read from the database: every process tells the same, and none what was once. */
function gauge(name: string, help: string, measure: 'bias' | 'wape'): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: ['model_version'] as const,
    registers: [metrics],
    async collect() {
      // Of a version that is no champion any more nothing is told, nor anything while the database is away.
      this.reset();
      const found = await read?.().catch(() => null);
      const value = found?.live[measure] ?? null;
      if (found && value !== null) this.set({ model_version: found.version }, 100 * value);
    },
  });
}

gauge(
  'forecast_bias_percent',
  'Forecast less sold over sold, of forecasts of up to seven days ahead over the last fourteen days, percent; above 0 = too much',
  'bias',
);
gauge(
  'forecast_wape_percent',
  'Absolute errors over sold (WAPE), of forecasts of up to seven days ahead over the last fourteen days, percent',
  'wape',
);

/** Reads the champion's accuracy when the metrics are read. */
@Injectable()
export class AccuracyMetrics implements OnModuleInit {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    read = keptReading(KEPT_MS, () => championAccuracy(this.dataSource));
  }
}
