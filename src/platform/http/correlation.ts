import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** What holds for everything that a request, or a job, sets off. */
interface Scope {
  readonly id: string;
  /** User who calls; null until they are known, and for jobs. */
  callerId: string | null;
}

const storage = new AsyncLocalStorage<Scope>();
const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The id that ties log lines, jobs and audit rows to one request; null outside any. */
export function correlationId(): string | null {
  return storage.getStore()?.id ?? null;
}

/** Runs a function under a correlation id. */
export function withCorrelationId<T>(id: string, run: () => T): T {
  return storage.run({ id, callerId: null }, run);
}

/** States who calls, for the rest of the request. */
export function noteCaller(userId: string): void {
  const scope = storage.getStore();
  if (scope) scope.callerId = userId;
}

/** The user whose request this is; null outside any. */
export function callerId(): string | null {
  return storage.getStore()?.callerId ?? null;
}

/** A client's id if it is 1–128 characters of `[A-Za-z0-9._-]`, else a new one. */
export function acceptCorrelationId(candidate: unknown): string {
  return typeof candidate === 'string' && ACCEPTED.test(candidate) ? candidate : randomUUID();
}
