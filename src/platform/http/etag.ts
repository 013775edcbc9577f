import type { FastifyReply } from 'fastify';
import { PreconditionFailedError } from './app-error.ts';

/** Strong ETag of a versioned row. */
export function etagOf(row: { readonly version: number }): string {
  return `"v${row.version}"`;
}

/**
 * Honours `If-Match`: absent or `*` passes, a list passes if it holds the row's ETag.
 * @throws PreconditionFailedError (412) when the client's copy is stale
 */
export function assertIfMatch(header: string | undefined, row: { readonly version: number }): void {
  if (header === undefined || header.trim() === '*') return;
  const candidates = header.split(',').map((tag) => tag.trim());
  if (!candidates.includes(etagOf(row))) throw new PreconditionFailedError();
}

/** Whether the client's copy named in `If-None-Match` is still good, so that 304 will do. */
export function matchesIfNoneMatch(header: string | undefined, row: { readonly version: number }): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  // The comparison is weak by RFC 9110, 13.1.2: proxies may have marked the tag so.
  return header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etagOf(row));
}

/** Answers a versioned row under its ETag, or 304 where the client's copy is still good. */
export function answerVersioned<R extends { readonly version: number }, D>(
  row: R,
  ifNoneMatch: string | undefined,
  reply: FastifyReply,
  present: (row: R) => D,
): D | undefined {
  reply.header('etag', etagOf(row)).header('cache-control', 'private, no-cache');
  if (!matchesIfNoneMatch(ifNoneMatch, row)) return present(row);
  reply.status(304);
  return undefined;
}
