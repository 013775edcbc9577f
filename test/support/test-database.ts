import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** A migrated, empty database of one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Connection for looking at the rows behind an answer. */
  readonly client: pg.Client;
  /** Closes the connection and drops the database, whoever is still connected. */
  drop(): Promise<void>;
}

async function asAdmin(statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await admin.connect();
  try {
    // Several files may want the template at once, and PostgreSQL copies it for one at a time.
    await admin.query('SELECT pg_advisory_lock(1)');
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}

/** Clones the migrated template: about a tenth of a second. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE shelfcast_template STRATEGY FILE_COPY`);
  const url = (process.env.TEST_SERVER_URL as string).replace(/\/shelfcast$/, `/${name}`);
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    url,
    client,
    drop: async () => {
      await client.end();
      await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}
