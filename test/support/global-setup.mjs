// One PostgreSQL server per run with a migrated template database; each test file clones the template.
// Plain JavaScript on the compiled build: Jest loads this file before its transforms exist.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export default async function setup() {
  const { startEmbeddedDatabase } = await import('../../dist/src/local/embedded-database.js');
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-test-'));
  const server = await startEmbeddedDatabase(folder, {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  });
  globalThis.__shelfcastServer = { server, folder };
  const template = server.url.replace(/\/shelfcast$/, '/shelfcast_template');
  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('CREATE DATABASE shelfcast_template');
  await admin.end();
  // Users belong to the server: all clones of the template have them.
  const password = randomBytes(24).toString('hex');
  const migrated = spawnSync(process.execPath, ['dist/src/migrate.js'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: template,
      API_DATABASE_PASSWORD: password,
      WORKER_DATABASE_PASSWORD: password,
      REDIS_URL: '',
      DATA_DIR: folder,
      LOG_LEVEL: 'error',
      NODE_OPTIONS: '',
    },
    encoding: 'utf8',
  });
  if (migrated.status !== 0) throw new Error(`Migrations failed: ${migrated.stderr}`);
  process.env.TEST_SERVER_URL = server.url;
  process.env.TEST_USERS_PASSWORD = password;
}
