import { once } from 'node:events';
import { Readable } from 'node:stream';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { request } from 'node:http';
import { createRng } from '../src/engine/index.ts';
import { Figure, memoryOf, report, short } from './report.ts';
import { RunningSystem, startSystem } from './running-system.ts';

/**
 * Upload of a large CSV, from the request's first byte until the rows can be queried, against what PostgreSQL itself
 * needs to COPY the same text into a table of the same key.
 */
const ROWS = short ? 200_000 : 1_000_000;
const PRODUCTS = 1_000;
const LOCATIONS = 10;

function csv(): Buffer {
  const rng = createRng(1);
  const lines = ['date,sku,location,quantity_sold,price'];
  const days = Math.ceil(ROWS / (PRODUCTS * LOCATIONS));
  for (let day = 0; day < days; day++) {
    const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
    for (let series = 0; series < PRODUCTS * LOCATIONS && lines.length <= ROWS; series++) {
      const product = series % PRODUCTS;
      lines.push(
        `${date},SKU-${product},STORE-${Math.floor(series / PRODUCTS)},${Math.floor(rng() * 20)},${(10 + (product % 90) + 0.5).toFixed(2)}`,
      );
    }
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Posts the file as a browser would and answers the job's id and when the first byte left. */
async function post(system: RunningSystem, content: Buffer): Promise<{ jobId: string; startedAt: number }> {
  const boundary = 'shelfcast-bench-boundary';
  const startedAt = performance.now();
  const upload = request(`${system.origin}/api/v1/sales-data/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.client.token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
  });
  upload.write(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="bench.csv"\r\ncontent-type: text/csv\r\n\r\n`,
  );
  for (let at = 0; at < content.length; at += 1 << 16) {
    if (!upload.write(content.subarray(at, at + (1 << 16)))) await once(upload, 'drain');
  }
  upload.end(`\r\n--${boundary}--\r\n`);
  const [answer] = (await once(upload, 'response')) as [Readable & { statusCode: number }];
  const body = JSON.parse((await answer.toArray()).join('')) as { job_id: string; detail?: string };
  if (answer.statusCode !== 202) throw new Error(body.detail);
  return { jobId: body.job_id, startedAt };
}

/** The peer: the same text straight into a table by COPY, parsed by PostgreSQL, with the same primary key. */
async function plainCopy(url: string, content: Buffer): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    'CREATE TABLE plain_copy (date date, sku text, location text, quantity_sold float8, price float8, PRIMARY KEY (sku, location, date))',
  );
  const started = performance.now();
  const stream = client.query(copyFrom('COPY plain_copy FROM STDIN (FORMAT csv, HEADER)'));
  stream.end(content);
  await once(stream, 'finish');
  const seconds = (performance.now() - started) / 1000;
  await client.query('DROP TABLE plain_copy');
  await client.end();
  return seconds;
}

const system = await startSystem();
try {
  const content = csv();
  const peerSeconds = await plainCopy(system.databaseUrl, content);
  const before = memoryOf(system.api.pid);
  let apiPeak = before.current;
  const sampler = setInterval(() => (apiPeak = Math.max(apiPeak, memoryOf(system.api.pid).current)), 20);
  const { jobId, startedAt } = await post(system, content);
  await system.client.follow(jobId);
  const summary = await system.client.get<Record<string, unknown>>('/sales-data/summary');
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(sampler);
  const figures: Figure[] = [
    {
      name: 'rows per second, first byte to queryable',
      value: Math.round(ROWS / seconds),
      unit: 'rows/s',
      target: { atLeast: 100_000 },
    },
    { name: 'seconds', value: seconds, unit: 's' },
    { name: 'plain COPY of the same text, seconds', value: peerSeconds, unit: 's' },
    { name: 'time against plain COPY', value: seconds / peerSeconds, unit: 'times' },
    { name: 'growth of the API process', value: apiPeak - before.current, unit: 'MB', target: { atMost: 150 } },
    { name: 'API process, peak', value: memoryOf(system.api.pid).peak, unit: 'MB', target: { atMost: 300 } },
    { name: 'worker process, peak', value: memoryOf(system.worker.pid).peak, unit: 'MB', target: { atMost: 1536 } },
  ];
  report('upload', figures, [
    `data: ${ROWS.toLocaleString('en')} rows, ${(content.length / 1e6).toFixed(1)} MB of CSV, ${PRODUCTS} products × ${LOCATIONS} places; rows known afterwards: ${JSON.stringify(summary.rows ?? summary)}`,
    'peer: COPY … FROM STDIN (FORMAT csv) into a table with the same primary key, without validation, in the same server',
    'API, worker, PostgreSQL and the client share the machine; time includes signing nothing but the request itself',
  ]);
} finally {
  await system.stop();
}
