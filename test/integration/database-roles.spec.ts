import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/platform/config/index.ts';
import { applyRoles, dataSourceOptions, TABLE_RIGHTS } from '../../src/platform/database/index.ts';
import { asUser, createTestDatabase, TestDatabase } from '../support/test-database.ts';

const DENIED = '42501';

let database: TestDatabase;
let api: pg.Client;
let worker: pg.Client;
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-roles-'));

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** SQLSTATE of a statement that must fail; null if it does not. */
async function refusal(client: pg.Client, statement: string): Promise<string | null> {
  await client.query('BEGIN');
  try {
    await client.query(statement);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Runs the migrate process of the build on the database. */
function migrate(
  environment: Record<string, string>,
  url = database.url,
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/migrate.js'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, DATABASE_URL: url, DATA_DIR: folder, LOG_LEVEL: 'info', ...environment },
  });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  database = await createTestDatabase();
  api = await connect(asUser(database.url, 'api'));
  worker = await connect(asUser(database.url, 'worker'));
  await database.client.query(`SELECT ensure_sales_partition('2024-01-01')`);
});

afterAll(async () => {
  await api.end();
  await worker.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('rights of tables', () => {
  it('are stated once for every table there is', async () => {
    const { rows } = await database.client.query<{ name: string }>(
      `SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name
       FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relispartition
         AND nspname !~ '^(pg_|information_schema$|bullmq$)' ORDER BY 1`,
    );
    const stated = TABLE_RIGHTS.flatMap(({ tables }) => tables);
    expect([...stated].sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  it('are what the database grants, and nothing else', async () => {
    const { rows } = await database.client.query<{
      name: string;
      role: string;
      owner: string;
      rights: string[];
      columns: string | null;
    }>(
      `SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name, r.role,
         relowner::regrole::text AS owner,
         array(SELECT p FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p
               WHERE has_table_privilege(r.role, c.oid, p)) AS rights,
         (SELECT 'UPDATE (' || string_agg(attname, ', ' ORDER BY attnum) || ')' FROM pg_attribute AS a
          WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND has_column_privilege(r.role, c.oid, attnum, 'UPDATE')
            AND NOT has_table_privilege(r.role, c.oid, 'UPDATE')) AS columns
       FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       CROSS JOIN (VALUES ('shelfcast_api'), ('shelfcast_worker')) AS r (role)
       WHERE relkind IN ('r', 'p', 'v') AND NOT relispartition AND nspname IN ('public', 'staging')`,
    );
    const granted = new Map(
      rows.map(({ name, role, rights, columns }) => [`${role} ${name}`, columns ? [...rights, columns] : rights]),
    );
    for (const { tables, api: ofApi, worker: ofWorker } of TABLE_RIGHTS) {
      for (const table of tables) {
        expect([table, granted.get(`shelfcast_api ${table}`)]).toEqual([table, ofApi]);
        const owner = rows.find(({ name }) => name === table)?.owner;
        expect([table, owner === 'shelfcast_worker']).toEqual([table, ofWorker === 'owner']);
        if (ofWorker !== 'owner') expect([table, granted.get(`shelfcast_worker ${table}`)]).toEqual([table, ofWorker]);
      }
    }
  });
});

describe('the user of the API', () => {
  it('acts as its role, and reads', async () => {
    const { rows } = await api.query('SELECT session_user AS signed_in, current_user AS acts_as');
    expect(rows).toEqual([{ signed_in: 'shelfcast_api_user', acts_as: 'shelfcast_api' }]);
    // What workers may create is not looked up.
    expect((await api.query('SELECT current_schemas(false)::text AS schemas')).rows).toEqual([{ schemas: '{public}' }]);
    for (const table of ['forecasts', 'sales', 'model_versions', 'audit_log'])
      await api.query(`SELECT * FROM ${table} LIMIT 1`);
  });

  it.each([
    'DELETE FROM forecasts',
    'UPDATE forecasts SET mean = 0',
    'INSERT INTO forecasts DEFAULT VALUES',
    'TRUNCATE forecasts',
    'DELETE FROM forecast_runs',
    'UPDATE forecast_runs SET business_date = now()',
    'DELETE FROM model_versions',
    `UPDATE model_versions SET metrics = '{}'`,
    'INSERT INTO model_versions DEFAULT VALUES',
    'DELETE FROM model_texts',
    'UPDATE audit_log SET actor = NULL',
    'DELETE FROM audit_log',
    'TRUNCATE audit_log',
    'UPDATE audit_chain SET position = 0',
    'DELETE FROM audit_chain',
    'ALTER TABLE audit_log DISABLE TRIGGER ALL',
    'DELETE FROM sales',
    'UPDATE sales_daily SET quantity = 0',
    'SELECT * FROM sales_2024_01',
    'SELECT * FROM staging.import_checkpoints',
    `SELECT ensure_sales_partition('2024-02-01')`,
    'SELECT * FROM schema_migrations',
    'DELETE FROM schema_migrations',
    'CREATE TABLE mine (id int)',
    'CREATE FUNCTION lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT NULL $$',
    'CREATE SCHEMA mine',
    'DROP TABLE forecasts',
    'ALTER TABLE users ADD COLUMN more text',
    'CREATE ROLE another',
    `ALTER ROLE shelfcast_worker_user PASSWORD 'another'`,
    'SET ROLE shelfcast_worker',
    'SET ROLE shelfcast',
    'SELECT rolpassword FROM pg_authid',
    `SELECT pg_read_file('postgresql.conf')`,
    `COPY sales TO PROGRAM 'true'`,
    'INSERT INTO bullmq.migration DEFAULT VALUES',
  ])('is denied: %s', async (statement) => {
    expect(await refusal(api, statement)).toBe(DENIED);
  });
});

describe('the user of workers', () => {
  it('loads, and makes partitions that belong to its role', async () => {
    await worker.query(`SELECT ensure_sales_partition('2024-03-01')`);
    await worker.query(
      `INSERT INTO sales (product, location, date, quantity_sold) VALUES (1, 1, '2024-03-05', 2), (1, 1, '2024-01-05', 2)`,
    );
    const { rows } = await database.client.query(
      `SELECT relowner::regrole::text AS owner FROM pg_class WHERE oid = 'partitions.sales_2024_03'::regclass`,
    );
    expect(rows).toEqual([{ owner: 'shelfcast_worker' }]);
  });

  it('and a worker that signs in as the owner find the partitions that the other made', async () => {
    await worker.query(`SELECT ensure_sales_partition('2024-03-01'), ensure_stream_ids('2024-03-01')`);
    await database.client.query(
      `SELECT ensure_sales_partition('2024-03-01'), ensure_stream_ids('2024-03-01'), ensure_stream_ids('2024-03-02')`,
    );
    await worker.query(`SELECT ensure_sales_partition('2024-01-01'), ensure_stream_ids('2024-03-02')`);
    const { rows } = await database.client.query(
      `SELECT inhrelid::regclass::text AS name, relnamespace::regnamespace::text AS schema
       FROM pg_inherits JOIN pg_class ON oid = inhrelid
       WHERE inhparent IN ('sales'::regclass, 'stream_ids'::regclass) ORDER BY 1`,
    );
    expect(rows).toEqual([
      { name: 'sales_2024_01', schema: 'public' },
      { name: 'sales_2024_03', schema: 'partitions' },
      { name: 'stream_ids_2024_03_01', schema: 'partitions' },
      { name: 'stream_ids_2024_03_02', schema: 'public' },
    ]);
  });

  it.each([
    'SELECT * FROM users',
    'SELECT * FROM refresh_tokens',
    'UPDATE audit_log SET actor = NULL',
    'DELETE FROM audit_log',
    'UPDATE audit_chain SET position = 0',
    'DELETE FROM audit_chain',
    'DROP TABLE audit_log',
    'CREATE TABLE public.mine (id int)',
    'CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql AS $$ SELECT NULL $$',
    'DROP TABLE forecasts',
    'DELETE FROM products',
    'SELECT rolpassword FROM pg_authid',
    'SET ROLE shelfcast_api',
    `COPY sales TO PROGRAM 'true'`,
  ])('is denied: %s', async (statement) => {
    expect(await refusal(worker, statement)).toBe(DENIED);
  });
});

describe('migrating', () => {
  const name = (what: string) => `test_${what}_${randomUUID().slice(0, 8)}`;
  const dropRole = (role: string) => database.client.query(`DROP ROLE IF EXISTS ${role}`);

  it('again changes no right, gives users another password and shows none', async () => {
    const user = name('api');
    const rightsOf = async () =>
      (
        await database.client.query(`SELECT oid, relowner, relacl::text FROM pg_class WHERE relnamespace IN
        (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'partitions', 'staging', 'bullmq')) ORDER BY oid`)
      ).rows;
    try {
      expect(migrate({}).status).toBe(0);
      const before = await rightsOf();
      for (const password of ['first-0123456789-$\'"', 'second-0123456789']) {
        const { status, stdout, stderr } = migrate({ API_DATABASE_USER: user, API_DATABASE_PASSWORD: password });
        expect([status, stderr]).toEqual([0, '']);
        expect(stdout).toContain(user);
        expect(stdout).not.toContain(password.slice(0, 16));
        const url = new URL(database.url);
        url.username = user;
        url.password = encodeURIComponent(password);
        const client = await connect(url.href);
        await client.end();
      }
      const { rows } = await database.client.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [user]);
      expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
      expect(await rightsOf()).toEqual(before);
    } finally {
      await dropRole(user);
    }
  });

  it('of many databases of a server at once makes their users once', async () => {
    const user = name('api');
    const others = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase()));
    try {
      await Promise.all(
        others.map(async ({ url }) => {
          const config = loadConfig({
            NODE_ENV: 'test',
            DATABASE_URL: url,
            DATA_DIR: folder,
            API_DATABASE_USER: user,
            API_DATABASE_PASSWORD: 'the-same-for-all-of-them',
          });
          const dataSource = await new DataSource(dataSourceOptions(config, 'test')).initialize();
          try {
            expect(await applyRoles(dataSource, config)).toEqual({ granted: true, users: [user] });
          } finally {
            await dataSource.destroy();
          }
        }),
      );
    } finally {
      await Promise.all(others.map((other) => other.drop()));
      await dropRole(user);
    }
  });

  it('needs no superuser, and works with one user where it may make no others', async () => {
    const master = name('master');
    const owned = name('database');
    const user = name('worker');
    const url = new URL(database.url);
    Object.assign(url, { username: master, password: 'master', pathname: `/${owned}` });
    await database.client.query(`CREATE ROLE ${master} LOGIN PASSWORD 'master' NOCREATEROLE`);
    await database.client.query(`CREATE DATABASE ${owned} OWNER ${master}`);
    try {
      expect(migrate({}, url.href)).toMatchObject({ status: 0, stderr: '' });
      const refused = migrate({ WORKER_DATABASE_USER: user, WORKER_DATABASE_PASSWORD: 'a-long-enough-one' }, url.href);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/^No user \S+ can be made: whoever migrates the database needs CREATEROLE/);

      // As it stands after it has made the roles itself.
      await database.client.query(`ALTER ROLE ${master} CREATEROLE`);
      await database.client.query(
        `GRANT shelfcast_api, shelfcast_worker TO ${master} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`,
      );
      const made = migrate({ WORKER_DATABASE_USER: user, WORKER_DATABASE_PASSWORD: 'a-long-enough-one' }, url.href);
      expect(made).toMatchObject({ status: 0, stderr: '' });
      Object.assign(url, { username: user, password: 'a-long-enough-one' });
      const client = await connect(url.href);
      await client.query(`SELECT ensure_sales_partition('2024-01-01')`);
      expect(await refusal(client, 'SELECT * FROM users')).toBe(DENIED);
      await client.end();
      // What workers have made since is the migrations' to change.
      Object.assign(url, { username: master, password: 'master' });
      const owner = await connect(url.href);
      await owner.query('ALTER TABLE sales ADD COLUMN more integer');
      await owner.end();
    } finally {
      await database.client.query(`DROP DATABASE IF EXISTS ${owned} WITH (FORCE)`);
      await dropRole(user);
      await dropRole(master);
    }
  });

  it('takes no role over that is somebody else’s', async () => {
    const other = name('other');
    await database.client.query(`CREATE ROLE ${other} LOGIN`);
    try {
      for (const user of [other, 'shelfcast', 'shelfcast_worker', 'shelfcast_worker_user']) {
        const { status, stderr } = migrate({ API_DATABASE_USER: user, API_DATABASE_PASSWORD: 'a-long-enough-one' });
        expect(status).toBe(1);
        expect(stderr).toBe(
          `The database has a role "${user}" already that is not only a user of shelfcast_api\n`.replaceAll('"', ''),
        );
      }
    } finally {
      await dropRole(other);
    }
  });
});
