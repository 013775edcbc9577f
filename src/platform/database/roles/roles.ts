import type { EntityManager } from 'typeorm';
import pg from 'pg';
import type { DatabaseUser } from '../../config/index.ts';
import { isInsufficientRight } from '../insufficient-right.ts';
import { retryRaces } from './retry-races.ts';
import { scramVerifier } from './scram-verifier.ts';

/** Roles that hold the rights of the API and of workers. Nobody signs in as them; users are members. */
export const API_ROLE = 'shelfcast_api';
export const WORKER_ROLE = 'shelfcast_worker';

/** What it takes to make users. */
export const NEEDED =
  'whoever migrates the database needs CREATEROLE, and roles that are there already WITH ADMIN OPTION';

/** Where workers make partitions; a schema of their own, since who creates where others' names are looked up runs as them. */
export const PARTITIONS = 'partitions';

/** The caller may not make roles, or a role that is there is not ours to change. */
export class RoleError extends Error {
  readonly code = 'DATABASE_ROLES_REFUSED';
}

/** What the caller may do with the roles. */
interface Powers {
  readonly superuser: boolean;
  readonly mayCreate: boolean;
  /** Whether the tables of the workers are the caller's, too. */
  readonly ownsAsWorker: boolean;
  readonly mayJoin: boolean;
}

/**
 * Makes the two roles where they are missing, and lets the caller own what they own: migrations change it.
 * @returns false where the caller may do neither: then everything stays the caller's
 */
export async function ensureRoles(manager: EntityManager): Promise<boolean> {
  for (const role of [API_ROLE, WORKER_ROLE]) {
    await retryRaces(async () => {
      if (!(await exists(manager, role)) && (await powers(manager)).mayCreate)
        await manager.query(`CREATE ROLE ${role} NOLOGIN`);
    });
    if (!(await exists(manager, role))) return false;
  }
  const { superuser, ownsAsWorker, mayJoin } = await powers(manager);
  if (superuser || ownsAsWorker) return true;
  if (mayJoin) await retryRaces(() => manager.query(`GRANT ${WORKER_ROLE} TO CURRENT_USER`));
  return mayJoin;
}

async function powers(manager: EntityManager): Promise<Powers> {
  const [found] = await manager.query<Powers[]>(
    `SELECT u.rolsuper AS superuser, u.rolsuper OR u.rolcreaterole AS "mayCreate",
       coalesce(pg_has_role(r.oid, 'USAGE') AND pg_has_role(r.oid, 'MEMBER'), false) AS "ownsAsWorker",
       coalesce(pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION'), false) AS "mayJoin"
     FROM pg_roles AS u LEFT JOIN pg_roles AS r ON r.rolname = $1 WHERE u.rolname = current_user`,
    [WORKER_ROLE],
  );
  return found;
}

/**
 * Makes a user that acts as one of the roles, or gives the one there is another password. What it creates belongs to the
 * role, so that users may be replaced.
 * @throws RoleError when the name is another one's, or the caller may make no users
 */
export async function ensureUser(manager: EntityManager, user: DatabaseUser, role: string): Promise<void> {
  const name = pg.escapeIdentifier(user.name);
  await retryRaces(() =>
    manager.transaction(async (transaction) => {
      if (await exists(transaction, user.name)) await assertOurs(transaction, user.name, role);
      else await transaction.query(`CREATE ROLE ${name} LOGIN`);
      await transaction.query(`ALTER ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(scramVerifier(user.password))}`);
      await transaction.query(`GRANT ${role} TO ${name}`);
      await transaction.query(`ALTER ROLE ${name} SET role = ${role}`);
      if (role === WORKER_ROLE) await transaction.query(`ALTER ROLE ${name} SET search_path = ${PARTITIONS}, public`);
    }),
  ).catch((error: unknown) => {
    throw isInsufficientRight(error) ? new RoleError(`No user ${user.name} can be made: ${NEEDED}`) : error;
  });
}

async function exists(manager: EntityManager, name: string): Promise<boolean> {
  return (await manager.query<unknown[]>('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])).length > 0;
}

/** A user of ours can nothing but what its role can. */
async function assertOurs(manager: EntityManager, name: string, role: string): Promise<void> {
  const [{ ours }] = await manager.query<{ ours: boolean }[]>(
    `SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
       AND rolname NOT IN (current_user, session_user) AND rolname NOT IN ($2, $3)
       AND (SELECT coalesce(array_agg(DISTINCT r.rolname::text), '{}') FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid
            WHERE m.member = u.oid) = ARRAY[$4::text] AS ours
     FROM pg_roles AS u WHERE rolname = $1`,
    [name, API_ROLE, WORKER_ROLE, role],
  );
  if (!ours) throw new RoleError(`The database has a role ${name} already that is not only a user of ${role}`);
}
