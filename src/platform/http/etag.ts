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
