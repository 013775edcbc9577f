import type { DataSource } from 'typeorm';
import type { AppConfig } from '../../config/index.ts';
import { grantRights } from './grant-rights.ts';
import { API_ROLE, ensureRoles, ensureUser, NEEDED, RoleError, WORKER_ROLE } from './roles.ts';

/** What became of the roles. */
export interface RolesOutcome {
  /** Whether the rights are as stated; false where whoever migrates may not make roles and so everybody signs in as they do. */
  readonly granted: boolean;
  /** Users that were given their password. */
  readonly users: readonly string[];
}

/**
 * Makes the roles of API and workers hold the rights that are stated for the tables there are, and makes the users that the
 * configuration names. For whoever has just migrated the database; one at a time.
 * @throws RoleError when users are named and the caller may make none
 */
export async function applyRoles(dataSource: DataSource, { database }: AppConfig): Promise<RolesOutcome> {
  const { apiUser, workerUser } = database;
  const { manager } = dataSource;
  if (!(await ensureRoles(manager))) {
    const asked = apiUser ?? workerUser;
    if (asked) throw new RoleError(`No user ${asked.name} can be made: ${NEEDED}`);
    return { granted: false, users: [] };
  }
  await grantRights(manager);
  if (apiUser) await ensureUser(manager, apiUser, API_ROLE);
  if (workerUser) await ensureUser(manager, workerUser, WORKER_ROLE);
  return { granted: true, users: [apiUser, workerUser].flatMap((user) => (user ? [user.name] : [])) };
}
