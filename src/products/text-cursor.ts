import { decodeCursor, InvalidRequestError } from '../platform/http/index.ts';

/**
 * The key after which a page starts in a list ordered by a text and, where texts are equal, by row.
 * @throws InvalidRequestError for a cursor of another list
 */
export function decodeTextCursor(cursor: string | undefined): { text: string; id: number } | null {
  const key = decodeCursor(cursor, 2);
  if (!key) return null;
  const [text, id] = key;
  if (typeof text !== 'string' || !Number.isSafeInteger(id)) {
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  }
  return { text, id: id as number };
}

/** A pattern that finds `text` anywhere, with the wildcards in it taken literally. */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
