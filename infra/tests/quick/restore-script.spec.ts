import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);
const seconds = (time: string) => Date.parse(time) / 1000;

/** A base backup that ended at a time, of a cluster with these settings. */
function backup(name: string, ended: string, settings: string): void {
  mkdirSync(at('base', name), { recursive: true });
  writeFileSync(at('base', name, 'postgresql.auto.conf'), settings);
  writeFileSync(at('base', name, 'name'), name);
  writeFileSync(at('base', name, 'backup_manifest'), '{}');
  utimesSync(at('base', name, 'backup_manifest'), seconds(ended), seconds(ended));
}

const restore = (time: string) =>
  spawnSync('sh', ['docker/postgres/restore.sh', folder, at('pgdata'), time], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${at('bin')}${delimiter}${process.env.PATH}` },
  });

describe('restoring to a moment', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'restore-'));
    mkdirSync(at('bin'));
    writeFileSync(at('bin', 'pg_verifybackup'), '#!/bin/sh\n! test -e "$2/damaged"\n');
    chmodSync(at('bin', 'pg_verifybackup'), 0o755);
    backup('1', '2026-03-01T02:00:00Z', "wal_level = 'replica'\n");
    const restored = "restore_command = 'cp /old/%f %p'\nrecovery_target_time = '2026-03-01 10:00:00+00'\n";
    backup('2', '2026-03-02T02:00:00Z', `wal_level = 'replica'\n${restored}recovery_target_action = 'promote'\n`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes the newest backup that ended before it, and replays to it', () => {
    expect(restore('2026-03-01 18:00:00+00').status).toBe(0);
    expect(readFileSync(at('pgdata', 'name'), 'utf8')).toBe('1');
    expect(readFileSync(at('pgdata', 'postgresql.auto.conf'), 'utf8').split('\n')).toEqual([
      "wal_level = 'replica'",
      `restore_command = 'cp ${folder}/wal/%f %p'`,
      "recovery_target_time = '2026-03-01 18:00:00+00'",
      "recovery_target_action = 'promote'",
      '',
    ]);
  });

  it('does not stop where the cluster of the backup was restored to once', () => {
    expect(restore('latest').status).toBe(0);
    expect(readFileSync(at('pgdata', 'name'), 'utf8')).toBe('2');
    expect(readFileSync(at('pgdata', 'postgresql.auto.conf'), 'utf8')).toBe(
      `wal_level = 'replica'\nrestore_command = 'cp ${folder}/wal/%f %p'\n`,
    );
  });

  it('refuses a damaged backup, a folder that is not empty and a time before all backups', () => {
    expect(restore('2026-02-01 00:00:00+00').stderr).toMatch(/No base backup ended before 2026-02-01/);
    writeFileSync(at('base', '2', 'damaged'), '');
    expect(restore('latest').status).not.toBe(0);
    mkdirSync(at('pgdata'), { recursive: true });
    writeFileSync(at('pgdata', 'PG_VERSION'), '18');
    expect(restore('2026-03-01 18:00:00+00').stderr).toMatch(/is not empty/);
  });
});
