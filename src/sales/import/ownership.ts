import { once } from 'node:events';
import type { Client } from 'pg';
import { JobStoppedError } from '../../platform/queue/index.ts';
import type { Query } from './staging.ts';

/** Who asks for an import, as far as it concerns whether it may go on. */
export interface Owner {
  readonly signal: AbortSignal;
  /** Whether the caller may still publish; asked inside the transaction that does. */
  owns(query: (sql: string, parameters: unknown[]) => Promise<unknown[]>): Promise<boolean>;
}

/** Statements on a connection. */
export function queryOf(client: Client): Query {
  return async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, parameters)).rows;
}

/**
 * Keeps anybody else from taking the import over until the open transaction ends.
 * @throws JobStoppedError, the transaction rolled back, when the import is no longer the caller's
 */
export async function requireOwner(client: Client, owner: Owner): Promise<void> {
  if (await owner.owns(queryOf(client))) return;
  await client.query('ROLLBACK');
  await heardOf(owner.signal);
  throw new JobStoppedError('The import was cancelled or another attempt has taken it over');
}

/** The attempt's heartbeat learns within a second why it lost its job; what follows must not come before that. */
export async function heardOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await once(signal, 'abort', { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
}
