import 'reflect-metadata';
import { AppConfig, ConfigError, loadConfig } from './platform/config/index.ts';
import { applyRoles, migrationDataSource, RoleError } from './platform/database/index.ts';
import { JsonLogger } from './platform/logging/logger.ts';
import { migrateQueues } from './platform/queue/index.ts';
import { startTracing, stopTracing, tracedProcess } from './platform/tracing/index.ts';

/**
 * Brings the database and the queues' schema up to date, gives API and workers their rights on it, then exits. Safe to run
 * by many at once.
 */
const MIGRATION_LOCK = 7_436_001;

async function migrate(config: AppConfig): Promise<void> {
  const logger = new JsonLogger(config.logLevel, 'migrate');
  const dataSource = await migrationDataSource(config).initialize();
  try {
    const runner = dataSource.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      const done = await dataSource.runMigrations();
      await migrateQueues(config);
      const roles = await applyRoles(dataSource, config);
      logger.log({ message: 'database is up to date', applied: done.map(({ name }) => name), roles });
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      await runner.release();
    }
  } finally {
    await dataSource.destroy();
  }
}

try {
  const config = loadConfig();
  await startTracing(config.tracing, 'migrate');
  try {
    await tracedProcess('migrate', () => migrate(config));
  } finally {
    await stopTracing();
  }
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError || error instanceof RoleError ? error.message : (error as Error).stack}\n`,
  );
  process.exit(1);
}
