import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../src/local/api-client.ts';
import { Child, startChild } from '../src/local/child.ts';
import { databaseUsers } from '../src/local/database-users.ts';
import { startEmbeddedDatabase } from '../src/local/embedded-database.ts';
import { migrateDatabase } from '../src/local/migrate-database.ts';

/** API and worker as processes of their own on a fresh embedded database, as a customer runs them. */
export interface RunningSystem {
  readonly origin: string;
  readonly databaseUrl: string;
  readonly api: Child;
  readonly worker: Child;
  readonly client: ApiClient;
  /** One more worker; whoever starts it stops it. */
  startWorker(): Promise<Child>;
  stop(): Promise<void>;
}

/** Who benches sign in as. */
export const ADMIN = { email: 'bench@shelfcast.local', password: 'measured in megabytes' };

/** What access tokens are signed with, for peers that verify them too. */
export const JWT_SECRET = 'a secret of benches, which is not one';

/** A port of this machine that is free right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

/** Starts everything and signs in. @param settings environment variables beside the usual ones */
export async function startSystem(settings: Readonly<Record<string, string>> = {}): Promise<RunningSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-bench-'));
  const database = await startEmbeddedDatabase(folder);
  const port = await freePort();
  const environment = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    JWT_SECRET,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    RATE_LIMIT_PER_MINUTE: '10000000',
    ...settings,
  };
  const users = databaseUsers(database.url);
  await migrateDatabase({ ...environment, ...users.variables });
  const environmentOf = (who: 'api' | 'worker') => ({ ...environment, DATABASE_URL: users.urls[who] });
  const api = await startChild('api', 'main.js', environmentOf('api'), join(folder, 'api.log'));
  const startWorker = () => startChild('worker', 'worker.js', environmentOf('worker'), join(folder, 'worker.log'));
  const worker = await startWorker();
  const origin = `http://127.0.0.1:${port}`;
  const client = new ApiClient(origin, ADMIN);
  await client.signIn();
  return {
    origin,
    databaseUrl: database.url,
    api,
    worker,
    client,
    startWorker,
    stop: async () => {
      await Promise.all([api.stop(), worker.stop()]);
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
