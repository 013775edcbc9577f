import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** Longest that a server may replay before the drill gives up. */
const START_TIMEOUT_MS = 60 * 60_000;

/** A server of the drill. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  readonly pgdata: string;
}

/** Folder of PostgreSQL's programs, the newest that Debian has installed. @throws Error if none is found */
export function programs(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    const folder = join(root, version, 'bin');
    if (existsSync(join(folder, 'pg_verifybackup'))) return folder;
  }
  throw new Error('The drill needs PostgreSQL with pg_basebackup and pg_verifybackup: apt-get install postgresql');
}

const BIN = programs();

/** PostgreSQL refuses to run as root, who lends it the user `postgres`. */
function command(file: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0 ? ['runuser', ['-u', 'postgres', '--', file, ...args]] : [file, [...args]];
}

/** Runs a program of PostgreSQL, or a script that uses them, and answers what it printed. @throws Error with what it said */
export async function run(file: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const path = file.includes('/') ? file : join(BIN, file);
  const { stdout } = await promisify(execFile)(...command(path, args), {
    cwd: '/',
    env: { PATH: `${BIN}:${process.env.PATH}`, ...environment },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.trim();
}

/** Whether a program fails. */
export async function fails(file: string, args: readonly string[]): Promise<boolean> {
  return run(file, args).then(
    () => false,
    () => true,
  );
}

/** Creates a cluster that trusts connections from this machine, replication too. */
export async function createCluster(pgdata: string): Promise<void> {
  await run('initdb', [
    '-D',
    pgdata,
    '-U',
    'shelfcast',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ]);
}

/** Starts a server and waits until it takes connections. */
export async function startServer(pgdata: string, port: number, settings: Record<string, string>): Promise<Server> {
  const log = `${pgdata}.log`;
  const output = openSync(log, 'a');
  const flags = ['-D', pgdata, '-p', String(port)];
  for (const [name, value] of Object.entries(settings)) flags.push('-c', `${name}=${value}`);
  const child = spawn(...command(join(BIN, 'postgres'), flags), {
    cwd: '/',
    stdio: ['ignore', output, output],
    detached: true,
    env: { PATH: `${BIN}:${process.env.PATH}` },
  });
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL did not start: ${readFileSync(log, 'utf8').slice(-2000)}`);
    if (await query(port, 'SELECT 1').catch(() => null)) {
      const pid = Number(readFileSync(join(pgdata, 'postmaster.pid'), 'utf8').split('\n')[0]);
      return { pid, port, pgdata };
    }
  }
  throw new Error('PostgreSQL did not start in time');
}

/** Ends a server in order, or as if the machine had lost power. */
export async function stopServer(server: Server, how: 'fast' | 'crash'): Promise<void> {
  if (how === 'crash')
    await run('pg_ctl', ['-D', server.pgdata, 'kill', 'KILL', String(server.pid)]).catch(() => undefined);
  else await run('pg_ctl', ['-D', server.pgdata, '-m', 'fast', '-t', '600', '-w', 'stop']);
  while (existsSync(`/proc/${server.pid}`)) await sleep(20);
}

/** URL of the application's database on a server. */
export const urlOf = (port: number, database = 'shelfcast') => `postgres://shelfcast@127.0.0.1:${port}/${database}`;

/** First row of what a query answers; connects for it, so that it tells whether the server takes connections. */
export async function query<Row extends pg.QueryResultRow>(
  port: number,
  sql: string,
  database = 'postgres',
): Promise<Row | undefined> {
  const client = new pg.Client({ connectionString: urlOf(port, database), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows[0];
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes a folder that the user of PostgreSQL may write to. */
export async function makeFolder(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() === 0) await promisify(execFile)('chown', ['postgres:', folder]);
}

/** Copies a script to where the user of PostgreSQL may read it, wherever the project lies. */
export function lendScript(source: string, folder: string): string {
  const target = join(folder, source.slice(dirname(source).length + 1));
  writeFileSync(target, readFileSync(source), { mode: 0o755 });
  return target;
}

/** Writes marks one after another until told to stop; the last acknowledged one tells what must not be lost. */
export function writeMarks(port: number): { stop(): Promise<{ readonly last: number; readonly at: number }> } {
  let going = true;
  let last = 0;
  let at = 0;
  const client = new pg.Client({ connectionString: urlOf(port) });
  client.on('error', () => (going = false));
  const done = (async () => {
    await client.connect();
    while (going) {
      const { rows } = await client.query<{ id: number }>('INSERT INTO drill_marks DEFAULT VALUES RETURNING id');
      last = Number(rows[0].id);
      at = Date.now();
      await sleep(50);
    }
  })().catch(() => undefined);
  return {
    stop: async () => {
      going = false;
      await done;
      await client.end().catch(() => undefined);
      return { last, at };
    },
  };
}

/** Removes a folder with everything in it. */
export const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });
