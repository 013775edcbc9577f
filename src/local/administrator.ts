import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSettings } from '../platform/config/index.ts';

/** How to sign in. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The first administrator: from the environment, else made once and kept beside the data, readable by its owner only. */
export function administrator(folder: string, settings: LocalSettings): Credentials {
  if (settings.adminEmail && settings.adminPassword)
    return { email: settings.adminEmail, password: settings.adminPassword };
  const file = join(folder, 'administrator.json');
  if (!existsSync(file)) {
    const made: Credentials = {
      email: settings.adminEmail ?? 'admin@shelfcast.local',
      password: randomBytes(12).toString('base64url'),
    };
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
}
