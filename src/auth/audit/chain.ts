import { createHash } from 'node:crypto';

/** A place in the chain of the audit trail: what must still be found there later, as long as nobody rewrote the trail. */
export interface Anchor {
  /** From 1; 0 is the place before the first link. */
  readonly position: number;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
}

/** A link with the entry it is about, each field as the text that PostgreSQL writes for it. */
export interface ChainedEntry {
  readonly position: number;
  readonly hash: Buffer;
  /** Id of the entry. */
  readonly audit_id: string;
  /** False when the entry is gone; its fields are null then. */
  readonly present: boolean;
  /** Microseconds since 1970. */
  readonly at: string | null;
  readonly actor: string | null;
  readonly action: string | null;
  readonly entity: string | null;
  readonly entity_id: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly correlation_id: string | null;
}

/**
 * What is wrong with a chain:
 * - `changed`: the entry is another than when its link was written, or the link before it is
 * - `removed`: the link is there and its entry is not
 * - `link-missing`: a place in the chain is empty
 * - `unchained`: an entry has no link
 * - `anchor-missing`: the chain ends before a place that was noted earlier: its tail was cut off
 * - `anchor-differs`: another link stands where one was noted earlier: the chain was written anew
 */
export const FAULTS = ['changed', 'removed', 'link-missing', 'unchained', 'anchor-missing', 'anchor-differs'] as const;
export type Fault = (typeof FAULTS)[number];

/** The first thing that is wrong with a chain. */
export interface Break {
  readonly fault: Fault;
  /** Place in the chain; null for an entry that has none. */
  readonly position: number | null;
  /** Id of the entry, where it is known. */
  readonly entryId: number | null;
}

/** Before the first link. */
export const BEGINNING: Anchor = { position: 0, hash: '0'.repeat(64) };

/**
 * Hash of a link: SHA-256 over the hash before it and the fields of place and entry as netstrings. The database writes it
 * by `audit_link_hash`; computed here on its own, so that whoever changed that function too does not pass.
 */
export function linkHash(before: Buffer, entry: ChainedEntry): Buffer {
  const fields = [
    String(entry.position),
    entry.audit_id,
    entry.at,
    entry.actor,
    entry.action,
    entry.entity,
    entry.entity_id,
    entry.before,
    entry.after,
    entry.correlation_id,
  ];
  const text = fields.map((field) => (field === null ? '-' : `${Buffer.byteLength(field)}:${field}`)).join(',');
  return createHash('sha256').update(before).update(text).digest();
}

/**
 * Follows a chain over the next of its links.
 * @param last the link before them
 * @param entries in the order of their places
 * @param anchors what must be found at their places; others are not looked at
 * @returns the last link, or the first that does not hold
 */
export function followChain(
  last: Anchor,
  entries: readonly ChainedEntry[],
  anchors: readonly Anchor[] = [],
): { readonly last: Anchor; readonly broken: Break | null } {
  for (const entry of entries) {
    const position = last.position + 1;
    const broken = (fault: Fault, entryId: number | null) => ({ last, broken: { fault, position, entryId } });
    if (entry.position !== position) return broken('link-missing', null);
    if (!entry.present) return broken('removed', Number(entry.audit_id));
    if (!linkHash(Buffer.from(last.hash, 'hex'), entry).equals(entry.hash))
      return broken('changed', Number(entry.audit_id));
    const hash = entry.hash.toString('hex');
    if (anchors.some((anchor) => anchor.position === position && anchor.hash !== hash))
      return broken('anchor-differs', Number(entry.audit_id));
    last = { position, hash };
  }
  return { last, broken: null };
}

/** An anchor as text, such as `42:9f86…`. */
export function anchorText({ position, hash }: Anchor): string {
  return `${position}:${hash}`;
}

/** The anchor that a text states; null if it states none. */
export function parseAnchor(text: string): Anchor | null {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return position === undefined ? null : { position: Number(position), hash };
}
