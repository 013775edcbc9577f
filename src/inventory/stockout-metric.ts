import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Gauge } from 'prom-client';
import { DataSource } from 'typeorm';
import { keptReading } from '../platform/metrics/kept-reading.ts';
import { metrics } from '../platform/metrics/metrics.ts';

/** A count this old is good enough for an alarm that looks at a quarter of an hour, and spares the database. */
const KEPT_MS = 60_000;

let count: (() => Promise<number>) | null = null;

const stockouts = new Gauge({
  name: 'stockout_count',
  help: 'Products at places whose latest known stock is nothing',
  registers: [metrics],
  async collect() {
    try {
      if (count) this.set(await count());
    } catch {
      // The other metrics are worth reading also while the database is away; the count then is not known.
      this.set(NaN);
    }
  },
});
stockouts.set(0);

/** Counts what is out of stock when the metrics are read. */
@Injectable()
export class StockoutMetric implements OnModuleInit {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  onModuleInit(): void {
    count = keptReading(KEPT_MS, () => this.count());
  }

  /** Stated stocks come before those that came with the sales, as in {@link StockService.levels}. */
  private async count(): Promise<number> {
    const [{ stockouts: found }] = await this.dataSource.query<{ stockouts: number }[]>(
      `SELECT count(*)::int AS stockouts
       FROM (SELECT product, location, on_hand FROM stock
             UNION ALL
             SELECT s.product, s.location, s.on_hand FROM sales_series AS s WHERE s.on_hand IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM stock AS t WHERE t.product = s.product AND t.location = s.location)) AS known
         JOIN products AS p ON p.id = known.product AND p.deleted_at IS NULL
         JOIN locations AS l ON l.id = known.location AND l.deleted_at IS NULL
       WHERE known.on_hand <= 0`,
    );
    return found;
  }
}
