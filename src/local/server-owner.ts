import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** User and group a server runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function idsOf(user: string): Owner | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  if (!line) return null;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** PostgreSQL refuses to run as root, so root lends it another user; an existing cluster keeps its owner. */
export function serverOwner(folder: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  if (existsSync(join(folder, 'PG_VERSION'))) {
    const { uid, gid } = statSync(folder);
    if (uid !== 0) return { uid, gid };
  }
  const known = idsOf('postgres');
  if (known) return known;
  execFileSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
    { stdio: 'ignore' },
  );
  const added = idsOf('postgres');
  if (!added)
    throw new Error('PostgreSQL cannot run as root and no user could be made for it: run as an ordinary user');
  return added;
}

/** Whether every folder above a file may be passed by others. */
function reachable(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/**
 * Command line and options that run a program as `owner`. Below a folder that only root may pass (a checkout in /root),
 * the lent user also gets the one capability that lets it through.
 */
export function asOwner(
  program: string,
  args: string[],
  owner: Owner | null,
  folder: string,
): { file: string; args: string[]; ids: Partial<Owner> } {
  if (!owner) return { file: program, args, ids: {} };
  if (reachable(program) && reachable(folder)) return { file: program, args, ids: owner };
  const ids = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  return {
    file: 'setpriv',
    args: [...ids, '--inh-caps=+dac_override', '--ambient-caps=+dac_override', program, ...args],
    ids: {},
  };
}
