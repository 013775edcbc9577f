import { afterAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Anchor } from '../../src/auth/audit/index.ts';
import { verifyChain, VerifyOptions } from '../../src/auth/audit/verify-chain.ts';
import { loadConfig } from '../../src/platform/config/index.ts';
import { dataSourceOptions } from '../../src/platform/database/index.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';

const ACTION = 'thing.changed';
let database: TestDatabase;
let source: DataSource;
const folder = mkdtempSync(join(tmpdir(), 'shelfcast-audit-'));
beforeEach(async () => {
  database = await createTestDatabase();
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: database.url, DATA_DIR: folder });
  source = await new DataSource(dataSourceOptions(config, 'test')).initialize();
});
afterEach(async () => {
  await source.destroy();
  await database.drop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sql = async (text: string, client: pg.Client = database.client) =>
  (await client.query(text)).rows as Record<string, unknown>[];
const verify = (options: VerifyOptions = {}) => verifyChain(source, { pageRows: 4, ...options });
const insert = (n: number | string) =>
  `INSERT INTO audit_log (actor, action, entity, entity_id, before, after, correlation_id)
   VALUES ('zoë@example.test', '${ACTION}', 'thing', 'thing-' || ${n}, NULL, '{"n": 1.50, "name": "Crème, 5:x"}', NULL)`;

async function entries(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await sql(insert(n));
}

/** What somebody may do who rules the database: nothing is refused and no trigger runs. */
const tamper = (statement: string) => sql(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; COMMIT`);

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
}

describe('a trail that nobody tampered with', () => {
  it('holds, whatever is in its entries and however it is read', async () => {
    expect(await verify()).toEqual({ links: 0, last: { position: 0, hash: '0'.repeat(64) }, broken: null });
    await entries(9);
    await sql(`INSERT INTO audit_log (at, actor, action, entity, entity_id, before, after, correlation_id)
      SELECT '1969-12-31 23:59:59.999999+00', '', E'a\\n\\t"', 'ключ', '日本', 'null', '{"b": [1, {"a": 1e30}], "é": "\\u0001"}', ''
      FROM generate_series(1, 3)`);
    const whole = await verify();
    expect(whole).toMatchObject({ links: 12, last: { position: 12 }, broken: null });
    for (const pageRows of [1, 3, 12, 500]) expect(await verify({ pageRows })).toEqual(whole);
    const [{ hash }] = await sql(`SELECT encode(hash, 'hex') AS hash FROM audit_chain WHERE position = 7`);
    const seventh = { position: 7, hash } as Anchor;
    expect(await verify({ from: seventh, anchors: [seventh] })).toEqual({ ...whole, links: 5 });
  });

  it('cannot be changed through either table', async () => {
    await entries(2);
    for (const statement of ['UPDATE audit_log SET actor = actor', 'DELETE FROM audit_log', 'TRUNCATE audit_log'])
      await expect(sql(statement)).rejects.toThrow('audit_log is append-only');
    for (const statement of ['UPDATE audit_chain SET hash = hash', 'DELETE FROM audit_chain', 'TRUNCATE audit_chain'])
      await expect(sql(statement)).rejects.toThrow('audit_chain is append-only');
  });

  it('is one chain of twenty writers at once, some of which roll back', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, connected));
    await Promise.all(
      clients.map(async (client, writer) => {
        for (let n = 0; n < 10; n++) {
          await sql('BEGIN', client);
          await sql(insert(`'${writer}-${n}a'`), client);
          await sql(insert(`'${writer}-${n}b'`), client);
          await sql(n % 5 === writer % 5 ? 'ROLLBACK' : 'COMMIT', client);
        }
      }),
    );
    await Promise.all(clients.map((client) => client.end()));
    expect(await verify()).toMatchObject({ links: 20 * 8 * 2, last: { position: 320 }, broken: null });
  });

  it('lets others write while a transaction with an entry goes on, and takes its entry in when it commits', async () => {
    const slow = await connected();
    await sql('BEGIN', slow);
    await sql(insert(`'slow'`), slow);
    await sql(`SET statement_timeout = '30s'`);
    await entries(3);
    expect(await verify()).toMatchObject({ links: 3, broken: null });
    await sql('COMMIT', slow);
    await slow.end();
    expect(await verify()).toMatchObject({ links: 4, broken: null });
    const order = await sql(`SELECT entity_id FROM audit_chain JOIN audit_log ON id = audit_id ORDER BY position`);
    expect(order.map(({ entity_id }) => entity_id)).toEqual(['thing-1', 'thing-2', 'thing-3', 'thing-slow']);
  });
});

describe('a trail that was tampered with by who rules the database', () => {
  beforeEach(() => entries(10));
  const idAt = async (position: number) =>
    Number((await sql(`SELECT audit_id FROM audit_chain WHERE position = ${position}`))[0].audit_id);
  const at = (position: number) => `(SELECT audit_id FROM audit_chain WHERE position = ${position})`;

  it.each([
    ['actor', `'somebody else'`],
    ['at', `at + interval '1 microsecond'`],
    ['before', `'{}'`],
    ['after', `jsonb_set(after, '{n}', '1.5')`],
    ['correlation_id', `''`],
  ])('names the entry whose field %s was changed', async (field, value) => {
    await tamper(`UPDATE audit_log SET ${field} = ${value} WHERE id = ${at(6)}`);
    expect(await verify()).toMatchObject({
      links: 5,
      broken: { fault: 'changed', position: 6, entryId: await idAt(6) },
    });
  });

  it('names the first of two entries whose contents were swapped', async () => {
    await sql(`${insert(11).replace('zoë', 'yan')}`);
    await tamper(`UPDATE audit_log AS a SET actor = b.actor, entity_id = b.entity_id FROM audit_log AS b
      WHERE a.id IN (${at(3)}, ${at(11)}) AND b.id IN (${at(3)}, ${at(11)}) AND a.id <> b.id`);
    expect(await verify()).toMatchObject({ broken: { fault: 'changed', position: 3 } });
  });

  it('names the first of two entries whose links were swapped', async () => {
    const [third, eighth] = [await idAt(3), await idAt(8)];
    await tamper(`UPDATE audit_chain SET audit_id = -1 WHERE position = 3;
      UPDATE audit_chain SET audit_id = ${third} WHERE position = 8;
      UPDATE audit_chain SET audit_id = ${eighth} WHERE position = 3`);
    expect(await verify()).toMatchObject({ broken: { fault: 'changed', position: 3, entryId: eighth } });
  });

  it('names the entry that was removed, or the place of its link', async () => {
    const seventh = await idAt(7);
    await tamper(`DELETE FROM audit_log WHERE id = ${at(7)}`);
    expect(await verify()).toMatchObject({ broken: { fault: 'removed', position: 7, entryId: seventh } });
    await tamper(`DELETE FROM audit_chain WHERE position = 7`);
    expect(await verify()).toMatchObject({ broken: { fault: 'link-missing', position: 7 } });
    // Closing the gap does not help: the links after it were made for other places.
    await tamper(`UPDATE audit_chain SET position = position + 100 WHERE position > 7;
      UPDATE audit_chain SET position = position - 101 WHERE position > 107`);
    expect(await verify()).toMatchObject({ broken: { fault: 'changed', position: 7 } });
  });

  it('names an entry that was slipped in without a link', async () => {
    await tamper(insert(11));
    const [{ id }] = await sql('SELECT max(id) AS id FROM audit_log');
    expect(await verify()).toMatchObject({
      links: 10,
      broken: { fault: 'unchained', position: null, entryId: Number(id) },
    });
  });

  it('finds a tail that was cut off by an anchor from before, also after the trail has grown again', async () => {
    const { last } = await verify();
    await tamper(`DELETE FROM audit_log WHERE id IN (${at(9)}, ${at(10)}); DELETE FROM audit_chain WHERE position > 8`);
    expect(await verify()).toMatchObject({ links: 8, broken: null });
    expect(await verify({ anchors: [last] })).toMatchObject({
      links: 8,
      broken: { fault: 'anchor-missing', position: 9 },
    });
    await entries(5);
    expect(await verify()).toMatchObject({ links: 13, broken: null });
    expect(await verify({ anchors: [last] })).toMatchObject({ broken: { fault: 'anchor-differs', position: 10 } });
  });

  it('finds by an anchor that all was written anew from some place on', async () => {
    const { last } = await verify();
    await tamper(`UPDATE audit_log SET actor = 'somebody else' WHERE id = ${at(4)};
      DELETE FROM audit_chain WHERE position >= 4;
      SELECT link_audit_entry(a) FROM (SELECT * FROM audit_log ORDER BY id OFFSET 3) AS a`);
    expect(await verify()).toMatchObject({ links: 10, broken: null });
    expect(await verify({ anchors: [last] })).toMatchObject({ broken: { fault: 'anchor-differs', position: 10 } });
  });
});

describe('the migration', () => {
  /** Runs on the build, where the migrations are JavaScript. */
  const STEP = `
    import { migrationDataSource } from './dist/src/platform/database/index.js';
    const database = { url: process.env.DATABASE_URL, replicaUrls: [] };
    const source = await migrationDataSource({ database, http: { requestTimeoutMs: 30000 } }).initialize();
    if (process.env.STEP === 'up') await source.runMigrations();
    else {
      const made = await source.query("SELECT count(*) FROM schema_migrations WHERE timestamp >= 1764310000000");
      for (let i = 0; i < made[0].count; i++) await source.undoLastMigration();
    }
    await source.destroy();`;
  const migrate = (step: 'up' | 'down') => {
    const env = { PATH: process.env.PATH, DATABASE_URL: database.url, STEP: step };
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', STEP], {
      encoding: 'utf8',
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  };

  it('goes down and chains what is there when it comes up', async () => {
    await entries(5);
    const before = await verify();
    migrate('down');
    await expect(sql('DELETE FROM audit_log')).rejects.toThrow('audit_log is append-only');
    await entries(2);
    expect(await sql('SELECT id FROM audit_log')).toHaveLength(7);
    migrate('up');
    await entries(1);
    expect(await verify({ anchors: [before.last] })).toMatchObject({ links: 8, broken: null });
  });
});

describe('the command', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/audit.js', ...args], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: database.url,
        DATA_DIR: folder,
        LOG_LEVEL: 'info',
        NODE_ENV: 'test',
      },
    });
    return { status, stderr, logged: stdout ? (JSON.parse(stdout) as Record<string, unknown>) : null };
  };
  const noted = () => readFileSync(join(folder, 'lake', 'audit', 'anchor.txt'), 'utf8').trim();

  it('verifies the trail against what it noted before, and accepts one that was brought back in time', async () => {
    await entries(4);
    const first = run('verify');
    expect(first).toMatchObject({ status: 0, stderr: '', logged: { intact: true, links: 4, broken: null } });
    expect(first.logged?.anchor).toBe(noted());
    await entries(1);
    expect(run('verify', '--from', noted())).toMatchObject({ status: 0, logged: { intact: true, links: 1 } });
    const fifth = noted();
    expect(fifth).toMatch(/^5:/);
    await tamper(`DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log);
      DELETE FROM audit_chain WHERE position = 5`);
    const cut = { level: 50, intact: false, links: 4, broken: { fault: 'anchor-missing', position: 5 } };
    expect(run('verify')).toMatchObject({ status: 1, logged: cut });
    // What was found is found again.
    expect(run('verify')).toMatchObject({ status: 1, logged: cut });
    expect(run('accept')).toMatchObject({ status: 0, logged: { intact: true, links: 4 } });
    expect(run('verify')).toMatchObject({ status: 0 });
    expect(run('verify', '--anchor', fifth)).toMatchObject({ status: 1, logged: cut });
    await tamper(`UPDATE audit_log SET actor = '' WHERE id = (SELECT min(id) FROM audit_log)`);
    expect(run('accept')).toMatchObject({ status: 1, logged: { links: 0, broken: { fault: 'changed', position: 1 } } });
    expect(noted()).toMatch(/^4:/);
  });

  it.each([
    [],
    ['check'],
    ['verify', 'more'],
    ['verify', '--anchor', '5'],
    ['accept', '--from', `1:${'a'.repeat(64)}`],
  ])('refuses other arguments: %j %j %j', (...args) => {
    const { status, stderr } = run(...args);
    expect({ status, usage: stderr.startsWith('audit.js verify') }).toEqual({ status: 2, usage: true });
  });
});
