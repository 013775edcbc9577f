import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Figure, median, memoryOf } from '../report.ts';
import { RunningSystem, startSystem } from '../running-system.ts';
import { measureCrashes } from './csv-crashes.ts';
import { PEER, plainCopy } from './plain-copy.ts';
import { postFile } from './post-file.ts';
import { monthsOf, salesCsv, SalesShape, SalesSums, writeSalesCsv } from './sales-csv.ts';
import type { IngestOptions, IngestResult } from './sections.ts';

const ROUNDS = 3;
const SMALL = { products: 500, locations: 10, days: 40 };
const LARGE = { products: 1_000, locations: 20, days: 100 };
/** More than a gigabyte. */
const HUGE = { products: 2_000, locations: 25, days: 500 };

/** Takes the system back to before its first load. */
async function forgetSales(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'sales'::regclass`,
  );
  for (const { name } of rows) await client.query(`DROP TABLE ${name}`);
  await client.query('TRUNCATE sales_daily, sales_series, products, locations CASCADE');
  await client.query('UPDATE data_clock SET business_date = NULL, first_date = NULL, load_sequence = 0');
  await client.query('CHECKPOINT');
}

/** How far what is stored is from what a file holds: rows and units that are too many or too few. */
async function missing(client: pg.Client, { rows, units }: SalesSums): Promise<number> {
  const { rows: stored } = await client.query<{ rows: number; units: number }>(
    'SELECT count(*)::float8 AS rows, coalesce(sum(quantity_sold), 0) AS units FROM sales',
  );
  return Math.abs(stored[0].rows - rows) + Math.abs(stored[0].units - units);
}

/** The same file by the system and by the peer in turn. */
async function measureRates(system: RunningSystem, client: pg.Client, path: string, shape: SalesShape) {
  const ours: number[] = [];
  const peers: number[] = [];
  let rows = 0;
  let bytes = 0;
  let apart = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Other numbers each time: content that is known already is not loaded again.
    const sums = await writeSalesCsv(path, { ...shape, seed: round + 1 });
    ({ rows, bytes } = sums);
    peers.push(await plainCopy(system.databaseUrl, path, monthsOf({ ...shape })));
    await forgetSales(client);
    const { jobId, startedAt } = await postFile(system, createReadStream(path, { highWaterMark: 1 << 16 }));
    const { seconds } = (await system.client.follow(jobId)) as { seconds: { parse: number; load: number } };
    ours.push((performance.now() - startedAt) / 1000);
    apart += await missing(client, sums);
    const [last, peer] = [ours[round], peers[round]].map((value) => value.toFixed(1));
    console.log(`${rows} rows in ${last} s (parse ${seconds.parse} s, load ${seconds.load} s); ${PEER} ${peer} s`);
  }
  const figures: Figure[] = [
    {
      name: 'rows per second, first byte to queryable',
      value: Math.round(rows / median(ours)),
      unit: 'rows/s',
      target: { atLeast: 100_000 },
    },
    { name: `rows per second of ${PEER}`, value: Math.round(rows / median(peers)), unit: 'rows/s' },
    { name: `rate against ${PEER}`, value: median(peers) / median(ours), unit: '×', target: { atLeast: 0.4 } },
    { name: 'rows and units apart from the files', value: apart, unit: '', target: { atMost: 0 } },
  ];
  return { figures, rows, bytes };
}

/** Delay of the API's event loop since it was last asked, 99 of 100, in milliseconds. */
async function eventLoopP99(system: RunningSystem): Promise<number> {
  const answer = await fetch(`${system.origin}/metrics`, {
    headers: { authorization: `Bearer ${system.client.token}` },
  });
  const found = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await answer.text());
  if (!found) throw new Error('The API does not tell the delay of its event loop');
  return Number(found[1]) * 1000;
}

/** A file of more than a gigabyte that is never in anybody's memory. */
async function measureHuge(): Promise<IngestResult> {
  const system = await startSystem();
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  try {
    const before = memoryOf(system.api.pid).current;
    let apiPeak = before;
    const sampler = setInterval(() => (apiPeak = Math.max(apiPeak, memoryOf(system.api.pid).current)), 50);
    await eventLoopP99(system);
    const sums = { rows: 0, units: 0, bytes: 0 };
    const { jobId, startedAt } = await postFile(system, salesCsv({ ...HUGE, seed: 1 }, sums));
    const sent = (performance.now() - startedAt) / 1000;
    const p99 = await eventLoopP99(system);
    await system.client.follow(jobId);
    const seconds = (performance.now() - startedAt) / 1000;
    clearInterval(sampler);
    const apart = await missing(client, sums);
    return {
      figures: [
        { name: '1 GB, first byte to queryable', value: seconds, unit: 's' },
        { name: '1 GB, of it sending', value: sent, unit: 's' },
        { name: '1 GB, growth of the API process', value: apiPeak - before, unit: 'MB', target: { atMost: 150 } },
        {
          name: '1 GB, worker process, peak',
          value: memoryOf(system.worker.pid).peak,
          unit: 'MB',
          target: { atMost: 500 },
        },
        { name: '1 GB, event loop of the API while it takes it, p99', value: p99, unit: 'ms', target: { atMost: 100 } },
        { name: '1 GB, rows and units apart from the file', value: apart, unit: '', target: { atMost: 0 } },
      ],
      notes: [
        `1 GB: ${sums.rows.toLocaleString('en')} rows, ${(sums.bytes / 1e9).toFixed(2)} GB of CSV, made while it is sent; ` +
          'memory is resident memory, of the API sampled every 50 ms',
      ],
    };
  } finally {
    await client.end();
    await system.stop();
  }
}

/** CSV files through the running system, from the request's first byte until the job has ended and the rows can be queried. */
export async function measureCsv({ short }: IngestOptions): Promise<IngestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-csv-'));
  const path = join(folder, 'sales.csv');
  try {
    const shape = { ...(short ? SMALL : LARGE), seed: 0 };
    const system = await startSystem();
    const client = new pg.Client({ connectionString: system.databaseUrl });
    await client.connect();
    const rates = await measureRates(system, client, path, shape).finally(async () => {
      await client.end();
      await system.stop();
    });
    const crashes = await measureCrashes(path, shape, missing);
    const huge = short ? { figures: [], notes: [] } : await measureHuge();
    return {
      figures: [...rates.figures, ...crashes.figures, ...huge.figures],
      notes: [
        `rates: ${rates.rows.toLocaleString('en')} rows, ${(rates.bytes / 1e6).toFixed(1)} MB, ${shape.products} products × ${shape.locations} places × ${shape.days} days; medians of ${ROUNDS}, in turn; the end is seen up to 0.25 s late`,
        `peer: ${PEER} of the same file into a table of the file's columns as texts, a date and numbers, partitioned by month, with the primary key (sku, location, date), in the same server; it neither checks nor translates, knows no totals and takes no statistics, all of which is in our time`,
        'API, worker, PostgreSQL and the client share the machine',
        ...crashes.notes,
        ...huge.notes,
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
