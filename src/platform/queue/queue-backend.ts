import { createPostgresBackend, Queue, QueueOptions, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';
import { AppConfig } from '../config/index.ts';
import { QUEUE_NAMES } from './queues.ts';

/** Connections that all queues and workers of a process share on PostgreSQL, beside one for each worker that listens. */
const SHARED_CONNECTIONS = 4;

/**
 * Chooses what the queues run on, Redis where it is configured and else the database, and returns the connection
 * options. One process has one back end, and on PostgreSQL one pool: with one for each queue and worker, the queues alone
 * would use up the server's connections.
 */
export function queueConnection(config: AppConfig): QueueOptions['connection'] {
  if (config.redisUrl) {
    setDefaultBackendFactory();
    return { url: config.redisUrl, maxRetriesPerRequest: null };
  }
  setDefaultBackendFactory(createPostgresBackend);
  const pool = new pg.Pool({
    connectionString: config.database.url,
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
  if (config.redisUrl) return;
  const connection = { connectionString: config.database.url, migrate: true } as QueueOptions['connection'];
  setDefaultBackendFactory(createPostgresBackend);
  const queue = new Queue(QUEUE_NAMES[0], { connection });
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
