import pg from 'pg';
import { AppConfig } from '../config/index.ts';
import { isTracing } from '../tracing/index.ts';
import { TracedClient } from './traced-client.ts';

/**
 * Runs `work` on a connection of its own, outside the pool: bulk loads hold theirs for long, need their own settings and
 * must not starve the requests. The connection is closed whatever happens; an open transaction is rolled back by that.
 */
export async function withBulkConnection<T>(config: AppConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const Client = isTracing() ? TracedClient : pg.Client;
  const client = new Client({ connectionString: config.database.url, application_name: 'shelfcast-bulk' });
  // Without a listener a server that goes away would end the process; the running query rejects all the same.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
