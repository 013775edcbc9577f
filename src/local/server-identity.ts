import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/**
 * How the server's programs are run. PostgreSQL refuses to run as root, so root either lends it another user, or, where
 * that user could not reach the programs or the data (a checkout in /root), shows it another user id in a user namespace.
 */
export type ServerIdentity =
  | { readonly kind: 'same' }
  | { readonly kind: 'user'; readonly ids: Ids }
  | { readonly kind: 'namespace'; readonly ids: Ids };

function idsOf(user: string): Ids | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  if (!line) return null;
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether every folder above a file may be passed by others. */
function reachable(path: string): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
  }
  return true;
}

/** The user `postgres`, made if it does not exist. */
function lentUser(): Ids {
  const known = idsOf('postgres');
  if (known) return known;
  const flags = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'];
  execFileSync('useradd', flags, { stdio: 'ignore' });
  const added = idsOf('postgres');
  if (!added)
    throw new Error('PostgreSQL cannot run as root and no user could be made for it: run as an ordinary user');
  return added;
}

/**
 * Decides as whom a cluster's programs run; an existing cluster keeps its owner.
 * @param folder of the cluster, which may not exist yet
 */
export function serverIdentity(program: string, folder: string): ServerIdentity {
  if (process.getuid?.() !== 0) return { kind: 'same' };
  const cluster = existsSync(join(folder, 'PG_VERSION')) ? statSync(folder) : null;
  // Made by an ordinary user, or by root under the lent one.
  if (cluster && cluster.uid !== 0) return { kind: 'user', ids: { uid: cluster.uid, gid: cluster.gid } };
  if (!cluster && reachable(program) && reachable(folder)) return { kind: 'user', ids: lentUser() };
  const ids = idsOf('postgres') ?? idsOf('nobody') ?? { uid: 65534, gid: 65534 };
  try {
    execFileSync('unshare', [...namespaceFlags(ids), 'true'], { stdio: 'ignore' });
  } catch {
    throw new Error(
      `PostgreSQL cannot run as root, and other users cannot reach ${folder}: run as an ordinary user, or from a folder that others may pass`,
    );
  }
  return { kind: 'namespace', ids };
}

function namespaceFlags({ uid, gid }: Ids): string[] {
  return ['--user', `--map-user=${uid}`, `--map-group=${gid}`, '--'];
}

/** Command line and options that run a program under an identity. */
export function runAs(
  identity: ServerIdentity,
  program: string,
  args: string[],
): { file: string; args: string[]; ids: Partial<Ids> } {
  switch (identity.kind) {
    case 'same':
      return { file: program, args, ids: {} };
    case 'user':
      return { file: program, args, ids: identity.ids };
    case 'namespace':
      return { file: 'unshare', args: [...namespaceFlags(identity.ids), program, ...args], ids: {} };
  }
}

/** Gives a file or folder to the user the server runs as. */
export function handOver(identity: ServerIdentity, path: string): void {
  if (identity.kind === 'user') chownSync(path, identity.ids.uid, identity.ids.gid);
}
