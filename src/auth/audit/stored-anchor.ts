import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { NotFoundError } from '../../platform/http/index.ts';
import type { ObjectStore } from '../../platform/objectstore/index.ts';
import { Anchor, anchorText, parseAnchor } from './chain.ts';

/** Where the last link that was found to hold is noted: beside the database, so that who rules one need not rule both. */
const ANCHOR_KEY = 'audit/anchor.txt';

/** The link noted last; null if none was. @throws Error for an object that is no anchor; StoreAwayError */
export async function readAnchor(store: ObjectStore): Promise<Anchor | null> {
  const content = await store.get(ANCHOR_KEY).then(
    (stream) => text(stream),
    (error: unknown) => {
      if (error instanceof NotFoundError) return null;
      throw error;
    },
  );
  if (content === null) return null;
  const anchor = parseAnchor(content.trim());
  if (!anchor) throw new Error(`${ANCHOR_KEY} in the object store holds no anchor of the audit trail`);
  return anchor;
}

/** Notes a link. A bucket that keeps versions keeps those noted before as well. @throws StoreAwayError */
export async function writeAnchor(store: ObjectStore, anchor: Anchor): Promise<void> {
  await store.put(ANCHOR_KEY, Readable.from([Buffer.from(`${anchorText(anchor)}\n`)]));
}
