import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedDatabase } from '../../src/local/embedded-database.ts';
import { usersToMake } from './test-database.ts';

/** A migrated primary and servers that follow it, each with its own data folder. */
export interface ReplicatedDatabase {
  readonly primary: EmbeddedDatabase;
  readonly replica: EmbeddedDatabase;
  /** Connections to look at the two. */
  readonly onPrimary: pg.Client;
  readonly onReplica: pg.Client;
  stop(): Promise<void>;
}

/** What a standby must have as much of as its primary. */
const ALIKE = { wal_level: 'replica', max_wal_senders: '4', max_connections: '200' };

/**
 * Starts a primary and a standby that streams from it. The standby begins as a copy of the primary's files taken between
 * `pg_backup_start` and `pg_backup_stop`, since the program that usually does this is not among the embedded ones.
 */
export async function startReplicatedDatabase(): Promise<ReplicatedDatabase> {
  // The build's, as for the server that all tests share.
  const built = new URL('../../dist/src/local/embedded-database.js', import.meta.url).href;
  const { startEmbeddedDatabase } = (await import(built)) as typeof import('../../src/local/embedded-database.ts');
  const folder = mkdtempSync(join(tmpdir(), 'shelfcast-replica-'));
  const [first, second] = ['primary', 'standby'].map((name) => join(folder, name));
  const primary = await startEmbeddedDatabase(first, {
    ...ALIKE,
    wal_keep_size: '256MB',
  });
  const started: (() => Promise<void>)[] = [() => primary.stop()];
  const stop = async () => {
    for (const end of started.reverse()) await end().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  };
  const connected = async (url: string): Promise<pg.Client> => {
    const client = await connect(url);
    started.push(() => client.end());
    return client;
  };
  try {
    migrate(primary.url, folder);
    const onPrimary = await connected(primary.url);
    await onPrimary.query(`SELECT pg_backup_start('standby', true)`);
    mkdirSync(second, { recursive: true });
    execFileSync('cp', ['-a', join(first, 'postgres'), join(first, 'postgres-password'), second]);
    const { rows } = await onPrimary.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    const copy = join(second, 'postgres');
    rmSync(join(copy, 'postmaster.pid'));
    writeFileSync(join(copy, 'backup_label'), rows[0].labelfile);
    writeFileSync(join(copy, 'standby.signal'), '');
    const { hostname, port, username, password } = new URL(primary.url);
    const replica = await startEmbeddedDatabase(second, {
      ...ALIKE,
      primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password}`,
    });
    started.push(() => replica.stop());
    return { primary, replica, onPrimary, onReplica: await connected(replica.url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function migrate(url: string, dataDir: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['dist/src/migrate.js'], {
    env: { PATH: process.env.PATH, DATABASE_URL: url, DATA_DIR: dataDir, LOG_LEVEL: 'error', ...usersToMake() },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Migrations failed: ${stderr}`);
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
