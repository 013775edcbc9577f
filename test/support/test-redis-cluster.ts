import { Redis } from 'ioredis';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isRunning, killRedis, spawnRedis } from './redis-server.ts';
import type { TestRedis } from './test-redis.ts';

const SLOTS = 16_384;
const PRIMARIES = 3;
/** Silence after which the nodes take one for dead: short, but no busy machine's mistake. */
const NODE_TIMEOUT_MS = 3_000;
const READY_MS = 60_000;

/** A cluster of three primaries, each with a third of the slots, and of replicas where they are asked for. */
export interface TestCluster extends TestRedis {
  /** Port of the primary that has a key, as the first node that runs knows it. */
  primaryOf(key: string): Promise<number>;
  /** Kills one node without any chance to say goodbye. */
  killNode(port: number): Promise<void>;
  /** Waits until all nodes that run say that every slot is served. */
  ready(): Promise<void>;
}

interface Node {
  readonly port: number;
  readonly busPort: number;
  server: ChildProcess;
  operator: Redis;
}

function spawnNode(folder: string, { port, busPort }: Pick<Node, 'port' | 'busPort'>): Promise<ChildProcess> {
  return spawnRedis(port, {
    dir: folder,
    'cluster-enabled': 'yes',
    'cluster-config-file': `nodes-${port}.conf`,
    'cluster-port': String(busPort),
    'cluster-node-timeout': String(NODE_TIMEOUT_MS),
    'cluster-announce-ip': '127.0.0.1',
    'cluster-allow-replica-migration': 'no',
    'repl-diskless-sync-delay': '0',
  });
}

function operatorOf(port: number): Redis {
  const operator = new Redis(port, '127.0.0.1');
  // Of nodes that are killed the test tells.
  return operator.on('error', () => undefined);
}

async function until(what: string, ready: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(50))
    if (await ready().catch(() => false)) return;
  throw new Error(`Not within ${READY_MS} ms: ${what}`);
}

async function serves({ operator }: Node, nodes: number): Promise<boolean> {
  const info = String(await operator.cluster('INFO'));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}\r`);
}

/** Makes one cluster of nodes that know nothing: primaries first, then a replica of the first, of the second and so on. */
async function makeCluster(nodes: readonly Node[]): Promise<void> {
  const share = Math.ceil(SLOTS / PRIMARIES);
  for (const [i, { operator }] of nodes.entries()) {
    if (i < PRIMARIES) await operator.cluster('ADDSLOTSRANGE', i * share, Math.min(SLOTS, (i + 1) * share) - 1);
    // Nodes with the same epoch would argue about it first.
    await operator.cluster('SET-CONFIG-EPOCH', i + 1);
  }
  for (const { port, busPort } of nodes.slice(1))
    await nodes[0].operator.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  await until('one cluster', async () =>
    (await Promise.all(nodes.map((node) => serves(node, nodes.length)))).every(Boolean),
  );
  for (const [i, { operator }] of nodes.slice(PRIMARIES).entries()) {
    await operator.cluster('REPLICATE', String(await nodes[i].operator.cluster('MYID')));
    await until('a replica that follows', async () =>
      String(await operator.info('replication')).includes('master_link_status:up'),
    );
  }
}

/** Starts a cluster on free ports, with a replica of each of the first primaries, and waits until it takes commands. */
export async function startTestCluster(replicas = 0): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-cluster-'));
  const nodes: Node[] = [];
  for (let i = 0; i < PRIMARIES + replicas; i++) {
    const ports = { port: await freePort(), busPort: await freePort() };
    nodes.push({ ...ports, server: await spawnNode(folder, ports), operator: operatorOf(ports.port) });
  }
  await makeCluster(nodes);

  const running = () => nodes.filter(({ server }) => isRunning(server));
  const ready = () =>
    until('all slots served', async () =>
      (await Promise.all(running().map((node) => serves(node, nodes.length)))).every(Boolean),
    );
  const end = async ({ operator, server }: Node) => {
    operator.disconnect();
    await killRedis(server);
  };
  const kill = async () => {
    await Promise.all(nodes.map(end));
  };
  const urls = nodes.map(({ port }) => `redis://127.0.0.1:${port}`);
  return {
    url: urls.join(','),
    address: { urls, cluster: true },
    primaries: () => nodes.slice(0, PRIMARIES).map(({ operator }) => operator),
    primaryOf: async (key) => {
      const [{ operator }] = running();
      const slot = Number(await operator.cluster('KEYSLOT', key));
      const ranges = await operator.cluster('SLOTS');
      const found = ranges.find(([from, to]) => from <= slot && slot <= to);
      if (!found) throw new Error(`Nobody has slot ${slot}`);
      return found[2][1];
    },
    killNode: async (port) => {
      await Promise.all(nodes.filter((node) => node.port === port).map(end));
    },
    ready,
    kill,
    restart: async () => {
      for (const node of nodes) {
        if (isRunning(node.server)) continue;
        node.server = await spawnNode(folder, node);
        node.operator = operatorOf(node.port);
      }
      await ready();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
