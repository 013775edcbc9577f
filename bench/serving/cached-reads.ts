import autocannon from 'autocannon';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf, Figure, median, memoryOf, short } from '../report.ts';
import { JWT_SECRET, RunningSystem } from '../running-system.ts';

const ROUNDS = short ? 3 : 9;
const REQUESTS = short ? 4_000 : 10_000;
const CONNECTIONS = 8;
const RATE = 200;
const RATE_SECONDS = short ? 15 : 60;

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

async function p99AtRate({ url, headers }: Target): Promise<number> {
  const result = await autocannon({
    url,
    headers,
    connections: CONNECTIONS,
    overallRate: RATE,
    duration: RATE_SECONDS,
  });
  if (result.non2xx || result.errors) throw new Error(`${result.non2xx} refused, ${result.errors} failed`);
  return result.latency.p99;
}

/**
 * Server CPU per cached `GET /forecasts/{product_id}` against a Fastify route that verifies the same token and answers the
 * same bytes, loaded in turn so that a change of the machine's speed hits both; then the latency at a steady rate.
 */
export async function measureCachedReads(system: RunningSystem, path: string): Promise<Figure[]> {
  const headers = { authorization: `Bearer ${system.client.token}` };
  const body = await (await fetch(system.origin + path, { headers })).text();
  const bare = fork(fileURLToPath(new URL('../bare-fastify.js', import.meta.url)), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    bare.send({ body, secret: JWT_SECRET });
    const [{ url }] = (await once(bare, 'message')) as [{ url: string }];
    const pid = bare.pid as number;
    const targets: Target[] = [
      { url: system.origin + path, pid: system.api.pid, headers },
      { url: `${url}/verified`, pid, headers },
      { url, pid, headers },
    ];
    // The first round of each warms the compilers and the caches.
    for (const target of targets) await cpuPerRequest(target);
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const costs: number[] = [];
      for (const target of targets) costs.push(await cpuPerRequest(target));
      rounds.push(costs);
    }
    const [steady, control] = [await p99AtRate(targets[0]), await p99AtRate(targets[1])];
    return [
      {
        name: 'cached read: CPU per request against bare Fastify with JWT verification, median of the rounds',
        value: median(rounds.map(([ours, verified]) => ours / verified)),
        unit: 'times',
        target: { atMost: 2 },
      },
      { name: 'cached read: CPU per request', value: median(rounds.map(([ours]) => ours)), unit: 'µs' },
      {
        name: 'bare Fastify with JWT verification: CPU per request',
        value: median(rounds.map(([, verified]) => verified)),
        unit: 'µs',
      },
      { name: 'bare Fastify: CPU per request', value: median(rounds.map(([, , plain]) => plain)), unit: 'µs' },
      {
        name: `cached read: p99 at ${RATE} requests/s`,
        value: steady,
        unit: 'ms',
        target: { atMost: 25 },
      },
      { name: `bare Fastify with JWT verification: p99 at ${RATE} requests/s`, value: control, unit: 'ms' },
      {
        name: 'API process after cached reads, peak',
        value: memoryOf(system.api.pid).peak,
        unit: 'MB',
        target: { atMost: 300 },
      },
    ];
  } finally {
    bare.kill();
  }
}
