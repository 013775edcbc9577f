import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Metrics of this process, in Prometheus' text format on `/metrics`. */
export const metrics = new Registry();
collectDefaultMetrics({ register: metrics });

/** Duration of requests by route template; templates and not paths, so that ids do not become labels. */
const httpDuration = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests',
  labelNames: ['method', 'route', 'status'] as const,
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30],
  registers: [metrics],
});

/** Look-ups in the forecast cache by outcome. */
export const cacheLookups = new Counter({
  name: 'forecast_cache_lookups_total',
  help: 'Look-ups in the forecast cache',
  labelNames: ['result'] as const,
  registers: [metrics],
});

/** Answers which dependencies are being left alone: by name, true = it is. */
export type BreakersRead = () => ReadonlyMap<string, boolean> | Promise<ReadonlyMap<string, boolean>>;

const breakers = new Map<string, BreakersRead>();
new Gauge({
  name: 'circuit_breaker_open',
  help: 'Whether a dependency is being left alone after failures (1), or asked (0)',
  labelNames: ['dependency'] as const,
  registers: [metrics],
  async collect() {
    this.reset();
    for (const read of breakers.values()) {
      try {
        for (const [dependency, open] of await read()) this.set({ dependency }, open ? 1 : 0);
      } catch {
        // The other metrics are worth reading also while the database is away.
      }
    }
  },
});

/** Has the circuit breakers of an owner read with the metrics. @param owner its name; a later one of the name replaces it */
export function observeBreakers(owner: string, read: BreakersRead): void {
  breakers.set(owner, read);
}

/** How far a replica is behind; NaN while it is out of use. */
export const replicationLag = new Gauge({
  name: 'database_replica_lag_seconds',
  help: 'Time since which the primary has been further than a replica',
  labelNames: ['replica'] as const,
  registers: [metrics],
});

/** Lists, totals and reports by where they were read, where there are replicas. */
export const readsServed = new Counter({
  name: 'database_reads_total',
  help: 'Reads that may be served by a replica, by the server that did',
  labelNames: ['source'] as const,
  registers: [metrics],
});

/** Calls of services that signals come from, retries counted as one. */
export const signalCalls = new Counter({
  name: 'signal_calls_total',
  help: 'Calls of services that signals come from',
  labelNames: ['source', 'outcome'] as const,
  registers: [metrics],
});

const series = new Map<string, { observe(seconds: number): void }>();

/** Counts one answered request. The series of each route is looked up once: resolving labels costs more than counting. */
export function observeRequest(method: string, route: string, status: number, seconds: number): void {
  const key = `${method} ${status} ${route}`;
  let found = series.get(key);
  if (!found) {
    found = httpDuration.labels({ method, route, status: String(status) });
    series.set(key, found);
  }
  found.observe(seconds);
}
