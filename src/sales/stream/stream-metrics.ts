import { Counter, Gauge } from 'prom-client';
import { metrics } from '../../platform/metrics/metrics.ts';

/** Events by what became of them: the API counts what it accepts and rejects, workers what they store. */
export const streamEvents = new Counter({
  name: 'stream_events_total',
  help: 'Events of sales by what became of them: accepted, rejected, duplicate, stored, settled (a file had the last word)',
  labelNames: ['outcome'] as const,
  registers: [metrics],
});

let readLag: (() => Promise<number>) | null = null;

/** Read when it is asked for, so that it is true also while nobody stores anything. */
const lag = new Gauge({
  name: 'stream_lag_milliseconds',
  help: 'How far storing is behind the stream: age of the oldest event that is not stored; 0 = none waits',
  registers: [metrics],
  async collect() {
    try {
      if (readLag) this.set(await readLag());
    } catch {
      // The other metrics are worth reading also while the database is away; the lag then is not known.
      this.set(NaN);
    }
  },
});
lag.set(0);

/** States where the lag is read. */
export function observeLag(read: () => Promise<number>): void {
  readLag = read;
}
