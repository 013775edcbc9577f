import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AppConfig } from '../../platform/config/index.ts';
import { User } from '../entities/user.entity.ts';
import { hashPassword } from '../passwords.ts';
import { UsersService } from './users.service.ts';

const FIRST_ADMINISTRATOR_LOCK = 7_436_002;
const DEFAULT_EMAIL = 'admin@shelfcast.local';

export interface FirstAdministrator {
  readonly email: string;
  /** Set only if it was made here: nobody else knows it. */
  readonly password: string | null;
  /** False where there were users already. */
  readonly created: boolean;
}

/**
 * Makes an administrator where there is no user at all: the configured one, else one with a random password. Of many
 * processes that start at once, one makes it.
 */
export async function ensureFirstAdministrator(
  dataSource: DataSource,
  users: UsersService,
  config: AppConfig,
): Promise<FirstAdministrator> {
  const email = (config.auth.adminEmail ?? DEFAULT_EMAIL).toLowerCase();
  if (await dataSource.manager.exists(User)) return { email, password: null, created: false };
  const generated = config.auth.adminPassword === null ? randomBytes(15).toString('base64url') : null;
  const passwordHash = await hashPassword(config.auth.adminPassword ?? (generated as string));
  return dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ADMINISTRATOR_LOCK]);
    if (await manager.exists(User)) return { email, password: null, created: false };
    await users.insert(manager, { email, role: 'admin', locationIds: [], disabled: false }, passwordHash);
    return { email, password: generated, created: true };
  });
}

/**
 * Shows a generated password, once: on standard output as a plain line, never through the logger, and to the parent
 * process if there is one.
 */
export function announceFirstAdministrator({ email, password }: FirstAdministrator): void {
  if (password === null) return;
  process.stdout.write(`First administrator: ${email} with password ${password} (shown once)\n`);
  process.send?.({ kind: 'administrator', email, password });
}
