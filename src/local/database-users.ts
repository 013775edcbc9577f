import { randomBytes } from 'node:crypto';
import { DATABASE_USERS } from '../platform/config/index.ts';

/** Users of the embedded database for API and worker, each with no more rights than it needs. */
export interface LocalDatabaseUsers {
  /** What tells the migrate process to make them. */
  readonly variables: NodeJS.ProcessEnv;
  /** Address of the database for each. */
  readonly urls: { readonly api: string; readonly worker: string };
}

/**
 * Chooses their passwords: others at each start, so that none is kept.
 * @param ownerUrl address of the database for its owner
 */
export function databaseUsers(ownerUrl: string): LocalDatabaseUsers {
  const passwords = { api: randomBytes(24).toString('hex'), worker: randomBytes(24).toString('hex') };
  const urlOf = (user: keyof typeof passwords) => {
    const url = new URL(ownerUrl);
    url.username = DATABASE_USERS[user];
    url.password = passwords[user];
    return url.href;
  };
  return {
    variables: {
      API_DATABASE_USER: DATABASE_USERS.api,
      API_DATABASE_PASSWORD: passwords.api,
      WORKER_DATABASE_USER: DATABASE_USERS.worker,
      WORKER_DATABASE_PASSWORD: passwords.worker,
    },
    urls: { api: urlOf('api'), worker: urlOf('worker') },
  };
}
