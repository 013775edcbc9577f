import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();
const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The id that ties log lines, jobs and audit rows to one request; null outside any. */
export function correlationId(): string | null {
  return storage.getStore() ?? null;
}

/** Runs a function under a correlation id. */
export function withCorrelationId<T>(id: string, run: () => T): T {
  return storage.run(id, run);
}

/** A client's id if it is 1–128 characters of `[A-Za-z0-9._-]`, else a new one. */
export function acceptCorrelationId(candidate: unknown): string {
  return typeof candidate === 'string' && ACCEPTED.test(candidate) ? candidate : randomUUID();
}
