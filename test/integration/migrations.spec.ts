import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

/** Runs on the build, where the migrations are JavaScript. */
const DOWN_AND_UP = `
  import { migrationDataSource } from './dist/src/platform/database/index.js';
  const database = { url: process.env.DATABASE_URL, replicaUrls: [] };
  const source = await migrationDataSource({ database, http: { requestTimeoutMs: 30000 } }).initialize();
  for (let i = 0; i < Number(process.env.STEPS); i++) await source.undoLastMigration();
  const [{ count }] = await source.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'");
  await source.runMigrations();
  await source.destroy();
  console.log(count);
`;

async function schemaOf({ client }: TestDatabase): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS line
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT proname || ' ' || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY 1`);
  return rows.map(({ line }) => line);
}

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => (database = await createTestDatabase()));
  afterAll(() => database.drop());

  it('go all the way down and come up to the same schema', async () => {
    const before = await schemaOf(database);
    expect(before.length).toBeGreaterThan(100);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', DOWN_AND_UP], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, STEPS: String(readdirSync('migrations').length) },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // What is left is the list of migrations itself.
    expect(stdout.trim()).toBe('1');
    expect(await schemaOf(database)).toEqual(before);
  });
});
