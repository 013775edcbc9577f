import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { AppConfig, DATABASE_USERS } from '../../src/platform/config/index.ts';

/** A migrated, empty database of one test file. */
export interface TestDatabase {
  /** As its owner, who may do anything. */
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

/** The same database for the user of the API, or of the workers, with the rights they have in service. */
export function asUser(url: string, user: keyof typeof DATABASE_USERS): string {
  const address = new URL(url);
  address.username = DATABASE_USERS[user];
  address.password = process.env.TEST_USERS_PASSWORD as string;
  return address.href;
}

/** The same database for its owner: for an API in which a test does the work of workers, too. */
export function asOwner(url: string): string {
  const address = new URL(url);
  const { username, password } = new URL(process.env.TEST_SERVER_URL as string);
  return Object.assign(address, { username, password }).href;
}

/** What the migrate process is told on another server, so that it has the same users. */
export function usersToMake(): Record<string, string> {
  const password = process.env.TEST_USERS_PASSWORD as string;
  return { API_DATABASE_PASSWORD: password, WORKER_DATABASE_PASSWORD: password };
}

/** The configuration of an API for a worker on the same servers; both are the owner, or neither. */
export function forWorker(config: AppConfig): AppConfig {
  if (new URL(config.database.url).username !== DATABASE_USERS.api) return config;
  return { ...config, database: { ...config.database, url: asUser(config.database.url, 'worker') } };
}

/** Clones the migrated template: about a tenth of a second. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE shelfcast_template STRATEGY FILE_COPY`);
  // A copy has the rights of the template, but not the settings of its users there.
  await asAdmin(`ALTER ROLE CURRENT_USER IN DATABASE ${name} SET search_path = public, partitions`);
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
