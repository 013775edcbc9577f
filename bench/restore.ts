import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '../src/local/api-client.ts';
import { startChild } from '../src/local/child.ts';
import { migrateDatabase } from '../src/local/migrate-database.ts';
import { Figure, report, short } from './report.ts';
import { Content, contentOf, fill } from './restore/drill-data.ts';
import * as tools from './restore/postgres-tools.ts';
import { freePort, JWT_SECRET } from './running-system.ts';

/**
 * The restore drill: everything is deleted and the database is brought back as it was the second before, from base backup
 * and archived WAL, by the scripts that operators use; then the machine is lost and what was archived is brought back; then
 * a replica takes over. The short run is on a small database.
 */
const BYTES = short ? 200e6 : 5.6e9;
/** Seconds after which PostgreSQL archives an unfinished segment: the bound of what a lost machine may lose. */
const ARCHIVE_TIMEOUT = 60;
const ADMIN = { email: 'drill@shelfcast.local', password: 'restored in minutes' };
const SCRIPTS = ['archive-wal.sh', 'base-backup.sh', 'restore.sh'] as const;

const seconds = (from: number) => (performance.now() - from) / 1000;
const figures: Figure[] = [];
const figure = (name: string, value: number, unit: string, target?: Figure['target']) =>
  figures.push({ name, value, unit, target });

const folder = mkdtempSync('/var/tmp/shelfcast-drill-');
await tools.makeFolder(folder);
const backups = join(folder, 'backups');
await tools.makeFolder(backups);
const [archive, backup, restore] = SCRIPTS.map((name) => tools.lendScript(join('docker/postgres', name), folder));
const settings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '512MB',
  max_wal_size: '2GB',
  wal_level: 'replica',
  archive_timeout: String(ARCHIVE_TIMEOUT),
  archive_command: `/bin/sh ${archive} ${backups}/wal %p %f`,
};
const running = new Set<tools.Server>();

/** Only the server that goes on archives: a restore follows the newest timeline that it finds. */
async function start(pgdata: string, archives = false): Promise<tools.Server> {
  const server = await tools.startServer(pgdata, await freePort(), {
    ...settings,
    archive_mode: archives ? 'on' : 'off',
  });
  running.add(server);
  return server;
}

async function stop(server: tools.Server, how: 'fast' | 'crash'): Promise<void> {
  await tools.stopServer(server, how);
  running.delete(server);
}

/** Waits until the server has left recovery and takes writes. */
async function writable(server: tools.Server): Promise<void> {
  while ((await tools.query<{ replaying: boolean }>(server.port, 'SELECT pg_is_in_recovery() AS replaying'))?.replaying)
    await sleep(50);
}

const environment = (port: number, httpPort: number) => ({
  PATH: process.env.PATH,
  DATABASE_URL: tools.urlOf(port),
  DATA_DIR: join(folder, 'app'),
  HOST: '127.0.0.1',
  PORT: String(httpPort),
  LOG_LEVEL: 'warn',
  JWT_SECRET,
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
});

/** The application on a restored server: it becomes ready, signs a user in, lists products and reads their sales. */
async function smokeTest(server: tools.Server): Promise<void> {
  const port = await freePort();
  await migrateDatabase(environment(server.port, port));
  const api = await startChild('api', 'main.js', environment(server.port, port), join(folder, 'api.log'));
  try {
    const client = new ApiClient(`http://127.0.0.1:${port}`, ADMIN);
    await client.signIn();
    const { items } = await client.get<{ items: { product_id: string }[] }>('/products?limit=1');
    if (items.length !== 1) throw new Error('The restored system lists no products');
    await client.get(`/products/${items[0].product_id}`);
  } finally {
    await api.stop();
  }
}

const marksOf = async (server: tools.Server) =>
  Number(
    (
      await tools.query<{ last: string }>(
        server.port,
        'SELECT coalesce(max(id), 0) AS last FROM drill_marks',
        'shelfcast',
      )
    )?.last,
  );
const same = (a: Content, b: Content) => a.rows === b.rows && a.hash === b.hash;

/**
 * Restores into a fresh folder and waits until the application works on it. Answers the seconds that took, and how many of
 * them grow with the size of the database: checking, copying and replaying.
 */
async function bringBack(
  name: string,
  time: string,
  archives: boolean,
): Promise<{ server: tools.Server; took: number; grows: number }> {
  const pgdata = join(folder, name);
  const started = performance.now();
  await tools.run(restore, [backups, pgdata, time]);
  const server = await start(pgdata, archives);
  await writable(server);
  // Else the archive's clock starts with the next checkpoint, minutes later: it does not run during recovery.
  await tools.query(server.port, 'CHECKPOINT');
  const grows = seconds(started);
  await smokeTest(server);
  return { server, took: seconds(started), grows };
}

/** Everything is deleted by mistake; the database comes back as it was the second before. Answers the server that goes on. */
async function accident(primary: tools.Server, before: Content & { readonly bytes: number }): Promise<tools.Server> {
  const marks = tools.writeMarks(primary.port);
  await sleep(2_000);
  const { last } = await marks.stop();
  await sleep(1_100);
  const [row] = [
    await tools.query<{ now: string }>(primary.port, `SELECT to_char(now(), 'YYYY-MM-DD HH24:MI:SS.USOF') AS now`),
  ];
  await sleep(1_000);
  for (const table of ['sales', 'products']) await tools.query(primary.port, `DELETE FROM ${table}`, 'shelfcast');
  // What an operator does first: hand the segment that holds the last good second to the archive.
  await tools.query(primary.port, 'SELECT pg_switch_wal()');
  while (
    (
      await tools.query<{ missing: boolean }>(
        primary.port,
        `SELECT last_archived_wal IS NULL OR last_archived_wal < pg_walfile_name(pg_current_wal_lsn() - 1) AS missing FROM pg_stat_archiver`,
      )
    )?.missing
  )
    await sleep(200);
  await stop(primary, 'crash');
  tools.remove(primary.pgdata);
  const { server, took, grows } = await bringBack('accident', row?.now ?? '', true);
  figure('everything deleted: restored to the second before and smoke-tested (RTO)', took, 's', { atMost: 900 });
  // A small database's time says nothing of a large one's.
  if (!short) figure('… scaled to 20 GB', took - grows + (grows * 20e9) / before.bytes, 's', { atMost: 900 });
  const after = await contentOf(server.port);
  figure(
    '… sales that differ from before, by count and hash',
    same(before, after) ? 0 : Math.abs(before.rows - after.rows) || 1,
    'rows',
    { atMost: 0 },
  );
  figure('… marks written before that second and lost', last - (await marksOf(server)), 'marks', { atMost: 0 });
  await tools.run('pg_amcheck', [
    '-h',
    '127.0.0.1',
    '-p',
    String(server.port),
    '-U',
    'shelfcast',
    '--install-missing',
    '-d',
    'shelfcast',
    '-j',
    '2',
  ]);
  figure('… damaged relations, by pg_amcheck', 0, 'relations', { atMost: 0 });
  return server;
}

/** The machine with the database is lost in the middle of writing, archive and backups are not. */
async function machineLost(primary: tools.Server): Promise<void> {
  const marks = tools.writeMarks(primary.port);
  // Past one turn of the archive's clock and into the next, so that something is lost.
  await sleep((ARCHIVE_TIMEOUT + ARCHIVE_TIMEOUT / 2) * 1000);
  await stop(primary, 'crash');
  const { last, at } = await marks.stop();
  tools.remove(primary.pgdata);
  const { server, took } = await bringBack('lost', 'latest', false);
  figure('machine lost: restored and smoke-tested (RTO)', took, 's', { atMost: 900 });
  const mark = await tools.query<{ at: Date }>(server.port, 'SELECT max(at) AS at FROM drill_marks', 'shelfcast');
  figure('… of the last seconds lost (RPO)', (at - (mark?.at.getTime() ?? 0)) / 1000, 's', { atMost: ARCHIVE_TIMEOUT });
  figure('… marks lost', last - (await marksOf(server)), 'marks');
  await failover(server);
}

/** A replica takes over from a primary that dies while it is written to. */
async function failover(primary: tools.Server): Promise<void> {
  const pgdata = join(folder, 'replica');
  const connection = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'shelfcast'];
  await tools.run('pg_basebackup', [
    '-D',
    pgdata,
    '-R',
    '-C',
    '-S',
    'replica',
    '-X',
    'stream',
    '-c',
    'fast',
    ...connection,
  ]);
  const replica = await start(pgdata);
  const marks = tools.writeMarks(primary.port);
  await sleep(3_000);
  const started = performance.now();
  await stop(primary, 'crash');
  await tools.query(replica.port, 'SELECT pg_promote(true, 60)');
  await tools.query(replica.port, 'INSERT INTO drill_marks DEFAULT VALUES', 'shelfcast');
  figure('primary killed: first write on the promoted replica', seconds(started), 's', { atMost: 60 });
  const { last } = await marks.stop();
  const kept = await tools.query<{ last: string }>(
    replica.port,
    `SELECT max(id) AS last FROM drill_marks WHERE id <= ${last}`,
    'shelfcast',
  );
  figure('… acknowledged marks that the asynchronous replica lacks', last - Number(kept?.last), 'marks');
  await smokeTest(replica);
  figure('… smoke-tested', seconds(started), 's', { atMost: 900 });
  await stop(replica, 'fast');
}

/** One byte of the largest file of a backup is flipped: the check must find it and the restore must refuse. */
async function flippedByte(base: string): Promise<void> {
  const files = readdirSync(join(base, 'base'), { recursive: true })
    .map((name) => join(base, 'base', String(name)))
    .filter((path) => statSync(path).isFile())
    .sort((a, b) => statSync(b).size - statSync(a).size);
  copyFileSync(files[0], `${folder}/whole`);
  const content = readFileSync(files[0]);
  content[content.length >> 1] ^= 1;
  writeFileSync(files[0], content);
  const verified = !(await tools.fails('pg_verifybackup', ['--quiet', base]));
  const restored = !(await tools.fails(restore, [backups, join(folder, 'refused'), 'latest']));
  copyFileSync(`${folder}/whole`, files[0]);
  figure('flipped byte in a backup: checks that missed it, of two', Number(verified) + Number(restored), 'checks', {
    atMost: 0,
  });
  const healed = await tools.fails('pg_verifybackup', ['--quiet', base]);
  if (healed) throw new Error('The backup is still damaged after the byte was put back');
}

try {
  await tools.createCluster(join(folder, 'primary'));
  const primary = await start(join(folder, 'primary'), true);
  await tools.query(primary.port, 'CREATE DATABASE shelfcast');
  await smokeTestOfEmpty(primary);
  await fill(primary.port, BYTES);
  const size = await tools.query<{ bytes: string }>(primary.port, `SELECT pg_database_size('shelfcast') AS bytes`);
  const before = { ...(await contentOf(primary.port)), bytes: Number(size?.bytes) };
  figure('size of the database', before.bytes / 1e9, 'GB');
  figure('sales', before.rows, 'rows');
  const started = performance.now();
  const base = await tools.run(backup, [backups], {
    PGHOST: '127.0.0.1',
    PGPORT: String(primary.port),
    PGUSER: 'shelfcast',
  });
  figure('base backup, taken and checked', seconds(started), 's');
  await flippedByte(base);
  // The moment to restore must lie after the end of the backup, in whole seconds.
  await sleep(2_000);
  await machineLost(await accident(primary, before));
  report('restore', figures, [
    `PostgreSQL ${(await tools.run('postgres', ['--version'])).replace(/^\D*/, '')} from Debian, checksums on, fsync on, archive_timeout ${ARCHIVE_TIMEOUT} s`,
    'backup, archive and restore by the scripts in docker/postgres; all folders on one local disk, so no time for a network is in it',
    'smoke test: migrate, start the API, sign in, list and read a product',
    'the figure for 20 GB takes checking, copying and replaying as proportional to size, and the start of the application as not',
  ]);
} finally {
  for (const server of running) await tools.stopServer(server, 'crash').catch(() => undefined);
  tools.remove(folder);
}

/** Migrates the new database and lets the application enter its administrator. */
async function smokeTestOfEmpty(server: tools.Server): Promise<void> {
  const port = await freePort();
  await migrateDatabase(environment(server.port, port));
  const api = await startChild('api', 'main.js', environment(server.port, port), join(folder, 'api.log'));
  await new ApiClient(`http://127.0.0.1:${port}`, ADMIN).signIn();
  await api.stop();
}
