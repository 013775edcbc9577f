import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createRng } from '../../src/engine/index.ts';
import { memoryOf, short } from '../report.ts';
import { startSystem, type RunningSystem } from '../running-system.ts';
import type { IngestResult } from './sections.ts';

/** Events of one request, and events offered a second. */
const BATCH = 250;
const OFFERED = 6_000;
const SECONDS = short ? 20 : 60;
const PAUSE_SECONDS = 10;
const PRODUCTS = 1_000;
const LOCATIONS = 10;
/** One request in so many is sent a second time, while others go on. */
const REPLAYED = 10;
const SAMPLE_MS = 250;
/** Longest the stream may take to catch up before it is given up. */
const DRAIN_SECONDS = 120;

/** The tills: how many events they have sent that are not replays, and what was wrong with the answers. */
interface Tills {
  sent: number;
  replayed: number;
  accepted: number;
  readonly failures: string[];
}

/** Sends requests at an even pace until it is stopped, as many at a time as it takes. */
class Flood {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  private readonly rng = createRng(7);
  private readonly open = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly system: RunningSystem,
    private readonly tills: Tills,
  ) {}

  /** Runs until {@link stop}; what is behind its time is made up for. */
  async run(): Promise<void> {
    const started = performance.now();
    for (let batches = 0; !this.stopped; batches++) {
      const due = started + (1000 * BATCH * batches) / OFFERED;
      if (due > performance.now()) await sleep(due - performance.now());
      // More than the sockets can carry would only wait here, and count as memory of the bench.
      while (this.open.size >= 32) await Promise.race(this.open);
      const body = this.body();
      this.tills.sent += BATCH;
      this.send(body);
      if (batches % REPLAYED === 0) {
        this.tills.replayed += BATCH;
        this.send(body);
      }
    }
    await Promise.all(this.open);
    this.agent.destroy();
  }

  stop(): void {
    this.stopped = true;
  }

  private body(): string {
    const occurred = new Date().toISOString();
    const events = Array.from({ length: BATCH }, (_, i) => ({
      event_id: `till-${this.tills.sent + i}`,
      occurred_at: occurred,
      sku: `SKU-${Math.floor(this.rng() * PRODUCTS)}`,
      location: `STORE-${Math.floor(this.rng() * LOCATIONS)}`,
      quantity: 1,
      price: 10,
    }));
    return JSON.stringify(events);
  }

  private send(body: string): void {
    const sending = this.post(body).then(
      (accepted) => void (this.tills.accepted += accepted),
      (error: Error) => void this.tills.failures.push(error.message),
    );
    const tracked = sending.finally(() => this.open.delete(tracked));
    this.open.add(tracked);
  }

  private post(body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sending = request(
        `${this.system.origin}/api/v1/sales-data/events`,
        {
          method: 'POST',
          agent: this.agent,
          headers: {
            authorization: `Bearer ${this.system.client.token}`,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            if (answer.statusCode === 202) resolve((JSON.parse(text) as { accepted: number }).accepted);
            else reject(new Error(`${answer.statusCode} ${text.slice(0, 200)}`));
          });
          answer.on('error', reject);
        },
      );
      sending.on('error', reject);
      sending.end(body);
    });
  }
}

/** How far storing is behind, as `/metrics` says. */
async function lagOf({ origin, client }: RunningSystem): Promise<number> {
  const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${client.token}` } });
  const value = /^stream_lag_milliseconds (\S+)$/m.exec(await answer.text())?.[1];
  return Number(value);
}

/** The largest lag in a span of time. */
async function watchLag(system: RunningSystem, seconds: number): Promise<number> {
  let largest = 0;
  for (const end = performance.now() + 1000 * seconds; performance.now() < end; await sleep(SAMPLE_MS))
    largest = Math.max(largest, await lagOf(system));
  return largest;
}

/** Seconds until the lag is less than so many milliseconds. */
async function secondsUntil(system: RunningSystem, lessThan: number): Promise<number> {
  const started = performance.now();
  for (let seconds = 0; seconds < DRAIN_SECONDS; seconds = (performance.now() - started) / 1000) {
    if ((await lagOf(system)) < lessThan) return seconds;
    await sleep(50);
  }
  return DRAIN_SECONDS;
}

/**
 * Sales event by event: an even flood, then the same while the worker stands still for ten seconds, and in the end whether
 * each event was stored once.
 */
export async function measureStream(): Promise<IngestResult> {
  const system = await startSystem();
  try {
    return await measureOn(system);
  } finally {
    await system.stop();
  }
}

async function measureOn(system: RunningSystem): Promise<IngestResult> {
  const tills: Tills = { sent: 0, replayed: 0, accepted: 0, failures: [] };
  const flood = new Flood(system, tills);
  const flooding = flood.run();
  // The first requests meet code that has not run yet, and no product that is known.
  await sleep(3_000);
  const before = { ...tills };
  const started = performance.now();
  const lag = await watchLag(system, SECONDS);
  const rate = (1000 * (tills.accepted - before.accepted)) / (performance.now() - started);

  process.kill(system.worker.pid, 'SIGSTOP');
  let paused: number;
  try {
    await sleep(1000 * PAUSE_SECONDS);
    paused = await lagOf(system);
  } finally {
    process.kill(system.worker.pid, 'SIGCONT');
  }
  const drained = await secondsUntil(system, 1_000);
  flood.stop();
  await flooding;
  const emptied = await secondsUntil(system, 1);

  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ sold: number; ids: number }>(
    'SELECT (SELECT sum(quantity_sold) FROM sales) AS sold, (SELECT count(*)::int FROM stream_ids) AS ids',
  );
  await client.end();
  const [{ sold, ids }] = rows;
  return {
    figures: [
      { name: 'events accepted a second', value: rate, unit: 'events/s', target: { atLeast: 5_000 } },
      { name: 'largest lag', value: lag, unit: 'ms', target: { atMost: 2_000 } },
      { name: 'lag after 10 s without a worker', value: paused, unit: 'ms', target: { atLeast: 10_000 } },
      {
        name: 'until less than 1 s behind again, events coming in all the time',
        value: drained,
        unit: 's',
        target: { atMost: 60 },
      },
      { name: 'until nothing waits, after the last event', value: emptied, unit: 's' },
      { name: 'events lost', value: Math.max(0, tills.sent - ids), unit: 'events', target: { atMost: 0 } },
      {
        name: 'events counted twice',
        value: Math.max(0, sold - tills.sent),
        unit: 'events',
        target: { atMost: 0 },
      },
      { name: 'requests that failed', value: tills.failures.length, unit: 'requests', target: { atMost: 0 } },
      { name: 'API process, peak', value: memoryOf(system.api.pid).peak, unit: 'MB' },
      { name: 'worker process, peak', value: memoryOf(system.worker.pid).peak, unit: 'MB' },
    ],
    notes: [
      `${OFFERED} events/s offered in requests of ${BATCH}, of ${PRODUCTS} products at ${LOCATIONS} places, for ${SECONDS} s; ${tills.sent.toLocaleString('en')} events in all, and ${tills.replayed.toLocaleString('en')} sent a second time`,
      `units sold in the end ${sold}, ids ${ids}${tills.failures.length ? `; first failure: ${tills.failures[0]}` : ''}`,
    ],
  };
}
