import { DataSource, DataSourceOptions } from 'typeorm';
import pg from 'pg';
import { fileURLToPath } from 'node:url';
import { AppConfig } from '../config/index.ts';
import { DeadlineClient } from './deadline-client.ts';
import { TracedClient } from './traced-client.ts';
import { isTracing } from '../tracing/index.ts';

// Calendar days stay text (a Date would shift with the process's zone); counts and money become numbers.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);

/** Connections of a pool tell of their statements where traces are recorded. */
const clientOf = () => (isTracing() ? TracedClient : DeadlineClient);

/** Longest a statement on a pooled connection may take, where nobody waits for it any less. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** Largest number of pooled connections per process and server. */
export const POOL_SIZE = 12;

/**
 * Options of the one DataSource of a process, to the primary. Replicas have their own, see `platform/reads`: as slaves of
 * this one, one that is away would keep the process from starting, and a read after a write would miss it.
 */
export function dataSourceOptions(config: AppConfig, applicationName: string): DataSourceOptions {
  const { url } = config.database;
  return {
    type: 'postgres',
    url,
    applicationName,
    poolSize: POOL_SIZE,
    connectTimeoutMS: 5000,
    synchronize: false,
    // None is needed, and only the owner could.
    installExtensions: false,
    logging: false,
    extra: {
      Client: clientOf(),
      // No shorter than a request may take: its own limit ends its statements with it.
      statement_timeout: Math.max(STATEMENT_TIMEOUT_MS, config.http.requestTimeoutMs),
      idle_in_transaction_session_timeout: 60_000,
    },
    poolErrorHandler: () => undefined,
  };
}

/** A DataSource that knows the migrations, for the one-shot migrate process. */
export function migrationDataSource(config: AppConfig): DataSource {
  const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
  return new DataSource({
    ...dataSourceOptions(config, 'shelfcast-migrate'),
    // Nothing that others may create in is looked up as the owner.
    extra: { Client: clientOf(), options: '-c search_path=public' },
    migrations: [`${folder}[0-9]*.js`],
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
  } as DataSourceOptions);
}
