import type { DataSource } from 'typeorm';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { Anchor, anchorText, Fault } from './chain.ts';
import { readAnchor, writeAnchor } from './stored-anchor.ts';
import { ChainReport, verifyChain, VerifyOptions } from './verify-chain.ts';

/** What a verification of the audit trail found, as it is logged and kept. */
export interface Verification {
  readonly intact: boolean;
  /** Links that hold, from the first. */
  readonly links: number;
  /** The last of them as `position:hash`: given to a later verification, it shows that nothing before it was rewritten. */
  readonly anchor: string;
  /** The first thing that is wrong. */
  readonly broken: { readonly fault: Fault; readonly position: number | null; readonly entry_id: number | null } | null;
}

/**
 * Verifies the audit trail, also against the link that the verification before noted in the object store, and notes the
 * last link if all holds. A trail that does not hold leaves what was noted as it is, so that it goes on being found.
 * @throws Error when aborted; StoreAwayError
 */
export async function verifyAuditTrail(
  source: Pick<DataSource, 'manager'>,
  store: ObjectStore,
  options: VerifyOptions = {},
): Promise<Verification> {
  const noted = await readAnchor(store);
  const anchors: readonly Anchor[] = [...(noted ? [noted] : []), ...(options.anchors ?? [])];
  const report = await verifyChain(source, { ...options, anchors });
  if (!report.broken && report.last.position > (noted?.position ?? 0)) await writeAnchor(store, report.last);
  return verificationOf(report);
}

/**
 * Verifies the audit trail by itself and, if it holds, notes its last link in the place of what was noted before: after the
 * database was brought back to an earlier moment, which is what a cut tail looks like.
 */
export async function acceptAuditTrail(
  source: Pick<DataSource, 'manager'>,
  store: ObjectStore,
  options: VerifyOptions = {},
): Promise<Verification> {
  const report = await verifyChain(source, options);
  if (!report.broken) await writeAnchor(store, report.last);
  return verificationOf(report);
}

/** A report in the words of the API and the log. */
function verificationOf({ links, last, broken }: ChainReport): Verification {
  return {
    intact: broken === null,
    links,
    anchor: anchorText(last),
    broken: broken && { fault: broken.fault, position: broken.position, entry_id: broken.entryId },
  };
}
