import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type LocalSettings } from '../platform/config/index.ts';
import type { Credentials } from './administrator.ts';
import { ApiClient, ApiError } from './api-client.ts';

const OWN_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Signs in to a running Shelfcast: as the environment says or, on this machine, as an administrator that `npm start` has
 * made for one of the data sets below DATA_DIR. Such a password never goes to another machine.
 * @param url null = this machine
 * @param email who signs in with ADMIN_PASSWORD; null = ADMIN_EMAIL
 * @throws ConfigError where nobody is known; ApiError where nobody is let in
 */
export async function signIn(settings: LocalSettings, url: string | null, email: string | null): Promise<ApiClient> {
  const origin = url ?? `http://localhost:${settings.port}`;
  const stated = email ?? settings.adminEmail;
  if (stated !== null && settings.adminPassword !== null)
    return signedIn(origin, { email: stated, password: settings.adminPassword });
  if (email !== null) throw new ConfigError('--email needs the password in ADMIN_PASSWORD');
  const known = OWN_HOSTS.has(new URL(origin).hostname) ? madeAdministrators(settings.dataDir) : [];
  let refusal: ApiError | null = null;
  for (const credentials of known) {
    try {
      return await signedIn(origin, credentials);
    } catch (error) {
      // The administrator of another data set.
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new ConfigError(`nobody is known who may sign in at ${origin}: set ADMIN_EMAIL and ADMIN_PASSWORD`);
}

async function signedIn(origin: string, credentials: Credentials): Promise<ApiClient> {
  const api = new ApiClient(origin, credentials);
  await api.signIn();
  return api;
}

function madeAdministrators(dataDir: string): Credentials[] {
  if (!existsSync(dataDir)) return [];
  const folders = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [dataDir, ...folders.map(({ name }) => join(dataDir, name))]
    .map((folder) => join(folder, 'administrator.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Credentials);
}
