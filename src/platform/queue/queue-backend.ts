import { createPostgresBackend, Queue, QueueOptions, setDefaultBackendFactory } from 'bullmq';
import { AppConfig } from '../config/index.ts';
import { QUEUE_NAMES } from './queues.ts';

/** Connections each queue or worker may hold on PostgreSQL, beside its LISTEN connection. */
const POSTGRES_CONNECTIONS = 2;

/**
 * Chooses what the queues run on, Redis where it is configured and else the database, and returns the connection
 * options. One process has one back end.
 */
export function queueConnection(config: AppConfig, migrate = false): QueueOptions['connection'] {
  if (config.redisUrl) {
    setDefaultBackendFactory();
    return { url: config.redisUrl, maxRetriesPerRequest: null };
  }
  setDefaultBackendFactory(createPostgresBackend);
  return { connectionString: config.database.url, max: POSTGRES_CONNECTIONS, migrate } as QueueOptions['connection'];
}

/** Brings the queues' own schema up to date; nothing to do on Redis. A worker on an old schema fails silently for ever. */
export async function migrateQueues(config: AppConfig): Promise<void> {
  if (config.redisUrl) return;
  const queue = new Queue(QUEUE_NAMES[0], { connection: queueConnection(config, true) });
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
