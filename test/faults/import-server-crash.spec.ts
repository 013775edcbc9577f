import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedDatabase, startEmbeddedDatabase } from '../../src/local/embedded-database.ts';
import { attemptImport, leftOver, storeUpload } from '../support/import-runs.ts';
import { salesFile } from '../support/imports.ts';
import { startApi, TestApi } from '../support/test-app.ts';
import { asOwner, usersToMake } from '../support/test-database.ts';

/** A server of its own, since its crash is everybody's who uses it. */
let folder: string;
let server: EmbeddedDatabase;
let shared: string | undefined;
let api: TestApi;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shelfcast-crash-'));
  server = await startEmbeddedDatabase(folder);
  const template = server.url.replace(/\/shelfcast$/, '/shelfcast_template');
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query('CREATE DATABASE shelfcast_template');
  await admin.end();
  execFileSync(process.execPath, ['dist/src/migrate.js'], {
    env: { PATH: process.env.PATH, DATABASE_URL: template, DATA_DIR: folder, LOG_LEVEL: 'error', ...usersToMake() },
  });
  shared = process.env.TEST_SERVER_URL;
  process.env.TEST_SERVER_URL = server.url;
  api = await startApi({ IMPORT_CHUNK_ROWS: '1000' }, asOwner);
});
afterAll(async () => {
  process.env.TEST_SERVER_URL = shared;
  await api.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Kills a process of the server, as the kernel does when memory runs out: all its connections break, and it recovers. */
async function crashServer(): Promise<void> {
  const victim = new pg.Client({ connectionString: api.database.url });
  victim.on('error', () => undefined);
  await victim.connect();
  const { rows } = await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  process.kill(rows[0].pid, 'SIGKILL');
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    const probe = new pg.Client({ connectionString: api.database.url });
    probe.on('error', () => undefined);
    // The server that answers must be the one after the crash, on which the old connection is gone.
    const answers = await probe.connect().then(
      () =>
        victim.query('SELECT 1').then(
          () => false,
          () => true,
        ),
      () => false,
    );
    await probe.end().catch(() => undefined);
    if (answers) return;
  }
  throw new Error('The server did not recover');
}

describe('an import whose database server crashes', () => {
  it('starts over, since the crash has emptied what was staged, and loads each row once', async () => {
    const { content, rows } = salesFile(50, 120);
    const upload = await storeUpload(api, content);
    const crashed = await attemptImport(api, upload, async (time) => {
      if (time === 5) await crashServer();
      return true;
    });
    expect(crashed.error).not.toBeNull();
    const again = new pg.Client({ connectionString: api.database.url });
    await again.connect();
    const after = { ...api, database: { ...api.database, client: again } };
    // The tables are there, and there is nothing in them.
    const left = await leftOver(after);
    expect(left.tables.length).toBe(1 + 3);
    expect(left.states).toBe(0);
    const staged = await again.query(`SELECT count(*)::int AS rows FROM staging.${left.tables[0]}`);
    expect(staged.rows).toEqual([{ rows: 0 }]);

    const { report, error, percents } = await attemptImport(after, upload, () => true);
    expect(error).toBeNull();
    expect(percents[0]).toBe(0);
    expect(report).toMatchObject({ state: 'loaded', rows_read: rows, rows_inserted: rows });
    expect(await leftOver(after)).toEqual({ tables: [], states: 0 });
    await again.end();
  });
});
