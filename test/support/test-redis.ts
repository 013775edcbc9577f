import { Redis } from 'ioredis';
import type { RedisAddress } from '../../src/platform/config/index.ts';
import { freePort, killRedis, spawnRedis } from './redis-server.ts';
import { startTestCluster } from './test-redis-cluster.ts';

export { hasRedis } from './redis-server.ts';

/** Redis of one test file on free ports, keeping nothing. */
export interface TestRedis {
  /** What `REDIS_URL` is set to. */
  readonly url: string;
  readonly address: RedisAddress;
  /** Clients of its primaries, for what an operator would do. */
  primaries(): readonly Redis[];
  /** Kills it without any chance to say goodbye; {@link restart} brings it back, with nothing in it. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it for good. */
  stop(): Promise<void>;
}

/**
 * `SHELFCAST_TEST_REDIS`: with `cluster`, tests of Redis run on a cluster; with `cluster` or `server`, so do those that run
 * the API or a worker on PostgreSQL alone.
 */
export const wantedRedis = process.env.SHELFCAST_TEST_REDIS ?? '';
if (!['', 'server', 'cluster'].includes(wantedRedis))
  throw new Error('SHELFCAST_TEST_REDIS: is server, cluster or not set');

/** Starts one server, or a cluster where that is wanted, and waits until it takes commands. */
export async function startTestRedis(): Promise<TestRedis> {
  return wantedRedis === 'cluster' ? startTestCluster() : startTestServer();
}

/** Starts one server, whatever is wanted. */
export async function startTestServer(): Promise<TestRedis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server = await spawnRedis(port);
  let operator: Redis | undefined;
  const kill = async () => {
    operator?.disconnect();
    operator = undefined;
    await killRedis(server);
  };
  return {
    url,
    address: { urls: [url], cluster: false },
    primaries: () => [(operator ??= new Redis(url))],
    kill,
    restart: async () => {
      server = await spawnRedis(port);
    },
    stop: kill,
  };
}
