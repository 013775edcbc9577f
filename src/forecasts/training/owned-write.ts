import type { Client } from 'pg';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { JobContext, JobStoppedError } from '../../platform/queue/index.ts';

/**
 * Runs `work` in a transaction that commits only if the job still belongs to this attempt.
 * @throws JobStoppedError when it does not
 */
export function writeOwned<T>(
  config: AppConfig,
  context: Pick<JobContext<unknown>, 'owns'>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return withBulkConnection(config, async (client) => {
    await client.query('BEGIN');
    const value = await work(client);
    // Last of all: it locks the job's row, and the heartbeat has to be able to write it until then.
    const owns = await context.owns(async (sql, parameters) => (await client.query(sql, parameters)).rows);
    if (!owns) throw new JobStoppedError('The work was cancelled or taken over before it could be written');
    await client.query('COMMIT');
    return value;
  });
}
