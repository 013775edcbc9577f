import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { RequestDeadline } from './request-deadline.ts';

/** What holds for everything that a request, or a job, sets off. */
interface Scope {
  readonly id: string;
  /** User who calls; null until they are known, and for jobs. */
  callerId: string | null;
  /** Null for jobs, and for requests that may take as long as they do. */
  readonly deadline: RequestDeadline | null;
}

const storage = new AsyncLocalStorage<Scope>();
const ACCEPTED = /^[A-Za-z0-9._-]{1,128}$/;

/** The id that ties log lines, jobs and audit rows to one request; null outside any. */
export function correlationId(): string | null {
  return storage.getStore()?.id ?? null;
}

/** Runs a function under a correlation id, and until a deadline if there is one. */
export function withCorrelationId<T>(id: string, run: () => T, deadline: RequestDeadline | null = null): T {
  return storage.run({ id, callerId: null, deadline }, run);
}

/** The deadline of the request that this is done for; null outside any, and where it has none. */
export function currentDeadline(): RequestDeadline | null {
  return storage.getStore()?.deadline ?? null;
}

/** Runs a function for the same request and caller, but without the deadline: it tidies up after that. */
export function withoutDeadline<T>(run: () => T): T {
  const scope = storage.getStore();
  return scope ? storage.run({ ...scope, deadline: null }, run) : run();
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
