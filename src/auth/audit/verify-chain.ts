import type { DataSource } from 'typeorm';
import { Anchor, BEGINNING, Break, ChainedEntry, followChain } from './chain.ts';

/** What a verification is asked to look at besides the chain itself. */
export interface VerifyOptions {
  /** What earlier verifications noted: it must still stand. Places up to `from` are not looked at. */
  readonly anchors?: readonly Anchor[];
  /** Link to begin after, for a trail whose oldest part was moved elsewhere together with its links. */
  readonly from?: Anchor;
  /** Aborts between two pages. */
  readonly signal?: AbortSignal;
  /** Entries read at a time. */
  readonly pageRows?: number;
}

/** What a verification found. */
export interface ChainReport {
  /** Links that hold. */
  readonly links: number;
  /** The last of them: what a later verification is to find again. */
  readonly last: Anchor;
  /** The first thing that is wrong; null for a trail that nobody tampered with. */
  readonly broken: Break | null;
}

/** An entry holds two states of a thing at most, so this bounds the memory to some megabytes. */
const PAGE_ROWS = 500;

// The fields as the link's hash has them; see linkHash.
const LINKS = `
  SELECT c.position, c.hash, c.audit_id::text AS audit_id, a.id IS NOT NULL AS present,
    (extract(epoch FROM a.at) * 1000000)::bigint::text AS at, a.actor, a.action, a.entity, a.entity_id,
    a.before::text AS before, a.after::text AS after, a.correlation_id
  FROM audit_chain AS c LEFT JOIN audit_log AS a ON a.id = c.audit_id
  WHERE c.position > $1 ORDER BY c.position LIMIT $2`;

// An entry becomes visible together with its link.
const ENTRIES = `
  SELECT a.id, c.audit_id IS NOT NULL AS linked
  FROM (SELECT id FROM audit_log WHERE id > $1 ORDER BY id LIMIT $2) AS a
    LEFT JOIN audit_chain AS c ON c.audit_id = a.id
  ORDER BY a.id`;

/**
 * Computes the chain of the audit trail again, page by page, up to its end or the first link that does not hold, then looks
 * for entries without a link. Entries may be written meanwhile: links become visible in their order.
 *
 * What it cannot tell by itself is that the last links were cut off with their entries, or that all was written anew from
 * some place on; that takes an anchor from before, kept where whoever rules the database does not.
 * @throws Error when aborted
 */
export async function verifyChain(
  { manager }: Pick<DataSource, 'manager'>,
  { anchors = [], from = BEGINNING, signal, pageRows = PAGE_ROWS }: VerifyOptions = {},
): Promise<ChainReport> {
  const ahead = anchors.filter(({ position }) => position > from.position);
  const report = (last: Anchor, broken: Break | null) => ({ links: last.position - from.position, last, broken });
  let last = from;
  for (let full = true; full;) {
    signal?.throwIfAborted();
    const entries = await manager.query<ChainedEntry[]>(LINKS, [last.position, pageRows]);
    const followed = followChain(last, entries, ahead);
    last = followed.last;
    if (followed.broken) return report(last, followed.broken);
    full = entries.length === pageRows;
  }
  const cut = ahead.filter(({ position }) => position > last.position);
  if (cut.length) return report(last, { fault: 'anchor-missing', position: last.position + 1, entryId: null });
  return report(last, await firstUnchained(manager, pageRows, signal));
}

async function firstUnchained(
  manager: DataSource['manager'],
  pageRows: number,
  signal?: AbortSignal,
): Promise<Break | null> {
  for (let after = 0; ;) {
    signal?.throwIfAborted();
    const entries = await manager.query<{ id: number; linked: boolean }[]>(ENTRIES, [after, pageRows]);
    const unchained = entries.find(({ linked }) => !linked);
    if (unchained) return { fault: 'unchained', position: null, entryId: unchained.id };
    if (entries.length < pageRows) return null;
    after = entries[entries.length - 1].id;
  }
}
