import autocannon from 'autocannon';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { generateSample, sampleCsv } from '../src/sample/index.ts';
import { cpuSecondsOf, Figure, median, memoryOf, report, short } from './report.ts';
import { startSystem } from './running-system.ts';

/**
 * Server CPU per cached `GET /forecasts/{product_id}` against a bare Fastify route that answers the same bytes. The two
 * are loaded in turn, so that a change of the machine's speed hits both.
 */
const ROUNDS = short ? 3 : 9;
const REQUESTS = short ? 4_000 : 10_000;
const CONNECTIONS = 8;

interface Target {
  readonly url: string;
  readonly pid: number;
  readonly headers: Record<string, string>;
}

async function cpuPerRequest({ url, pid, headers }: Target): Promise<number> {
  const before = cpuSecondsOf(pid);
  const result = await autocannon({ url, headers, connections: CONNECTIONS, amount: REQUESTS });
  if (result.non2xx || result.errors) throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  return ((cpuSecondsOf(pid) - before) / REQUESTS) * 1e6;
}

const system = await startSystem();
const { client } = system;
const csv = [...sampleCsv(generateSample({ seed: 7, days: 400, products: 8, locations: 3 }))].join('');
const { job_id } = await client.upload('simulated.csv', new Blob([csv]));
await client.follow(job_id);
const training = await client.post<{ job_id: string }>('/models/train', {});
await client.follow(training.job_id);
const { products } = await client.get<{ products: { product_id: string }[] }>(
  '/forecast/top-products?time_period=month',
);
const path = `/api/v1/forecasts/${products[0].product_id}`;
const headers = { authorization: `Bearer ${client.token}` };
const body = await (await fetch(system.origin + path, { headers })).text();
const points = (JSON.parse(body) as { points: unknown[] }).points.length;

const bare = fork(fileURLToPath(new URL('./bare-fastify.js', import.meta.url)), [], {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
bare.send({ body });
const [{ url }] = (await once(bare, 'message')) as [{ url: string }];
try {
  const ours: Target = { url: system.origin + path, pid: system.api.pid, headers };
  const peer: Target = { url, pid: bare.pid as number, headers };
  // The first round of each warms the compilers and the caches.
  await cpuPerRequest(ours);
  await cpuPerRequest(peer);
  const rounds: { ours: number; peer: number }[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ours: await cpuPerRequest(ours), peer: await cpuPerRequest(peer) });
  const figures: Figure[] = [
    {
      name: 'CPU per request against bare Fastify, median of the rounds',
      value: median(rounds.map((r) => r.ours / r.peer)),
      unit: 'times',
      target: { atMost: 3 },
    },
    { name: 'CPU per request', value: median(rounds.map((r) => r.ours)), unit: 'µs' },
    { name: 'CPU per request, bare Fastify', value: median(rounds.map((r) => r.peer)), unit: 'µs' },
    { name: 'API process, peak', value: memoryOf(system.api.pid).peak, unit: 'MB', target: { atMost: 300 } },
  ];
  report('forecast-read', figures, [
    `${points} points, ${body.length} bytes; ${ROUNDS} rounds of ${REQUESTS.toLocaleString('en')} requests on ${CONNECTIONS} connections, interleaved`,
    'ours: JWT verification, role check, rate limit, correlation id, security headers, metrics, cache look-up',
    'peer: one Fastify route that sends the same string, nothing else',
  ]);
} finally {
  bare.kill();
  await system.stop();
}
