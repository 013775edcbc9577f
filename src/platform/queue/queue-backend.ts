import { createPostgresBackend, Queue, QueueOptions, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';
import { AppConfig } from '../config/index.ts';
import { connectCluster } from '../redis/index.ts';
import type { ClusterSettings } from '../redis/index.ts';
import { QUEUE_NAMES } from './queues.ts';

/** Connections that all queues and workers of a process share on PostgreSQL, beside one for each worker that listens. */
const SHARED_CONNECTIONS = 4;

/** Silence of a server that owes an answer, longer than any command blocks, after which its connection is taken for dead. */
const SILENCE_MS = 30_000;

/** How a cluster is spoken to. A command whose node is away waits for the one that takes over, about a minute. */
const CLUSTER: ClusterSettings = {
  maxRedirections: 120,
  retryDelayOnFailover: 500,
  retryDelayOnClusterDown: 500,
  redisOptions: { maxRetriesPerRequest: null, socketTimeout: SILENCE_MS },
};

/**
 * Chooses what the queues run on, Redis where it is configured and else the database, and returns the connection
 * options. One process has one back end, and on PostgreSQL one pool, on a cluster one client, which is for the caller to
 * close: with one for each queue and worker, the queues alone would use up the server's connections.
 */
export function queueConnection({ redis, database }: AppConfig): QueueOptions['connection'] {
  if (redis) {
    setDefaultBackendFactory();
    if (redis.cluster) return connectCluster(redis, CLUSTER);
    return { url: redis.urls[0], maxRetriesPerRequest: null, socketTimeout: SILENCE_MS };
  }
  setDefaultBackendFactory(createPostgresBackend);
  const pool = new pg.Pool({
    connectionString: database.url,
    options: '-c search_path=bullmq',
    max: QUEUE_NAMES.length + SHARED_CONNECTIONS,
    keepAlive: true,
    // Nobody ends the pool: what is idle keeps no process from ending.
    allowExitOnIdle: true,
  });
  // Each queue and each worker listens for the pool's errors.
  pool.setMaxListeners(2 * QUEUE_NAMES.length + 10);
  return pool as unknown as QueueOptions['connection'];
}

/** Brings the queues' own schema up to date; nothing to do on Redis. A worker on an old schema fails silently for ever. */
export async function migrateQueues(config: AppConfig): Promise<void> {
  if (config.redis) return;
  const connection = { connectionString: config.database.url, migrate: true } as QueueOptions['connection'];
  setDefaultBackendFactory(createPostgresBackend);
  const queue = new Queue(QUEUE_NAMES[0], { connection });
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
