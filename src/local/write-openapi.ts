import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module.ts';
import { loadConfig, localSettings } from '../platform/config/index.ts';
import { createApp } from '../platform/http/create-app.ts';
import { openApiDocument } from '../platform/http/openapi.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';
import { migrateDatabase } from './migrate-database.ts';

/** What `npm run openapi` runs: writes `openapi.json` from the routes of the build. */
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-openapi-'));
const database = await startEmbeddedDatabase(folder, { fsync: 'off' });
try {
  const environment = {
    ...localSettings().variables,
    DATABASE_URL: database.url,
    REDIS_URL: '',
    DATA_DIR: folder,
    LOG_LEVEL: 'error',
    // Without them the API would print the sign-in of an administrator that nobody will use.
    ADMIN_EMAIL: 'nobody@shelfcast.local',
    ADMIN_PASSWORD: folder,
  };
  await migrateDatabase(environment);
  const config = loadConfig(environment);
  const app = await createApp(AppModule.forRoot(config), config);
  await app.init();
  writeFileSync('openapi.json', `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
  await app.close();
} finally {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
}
