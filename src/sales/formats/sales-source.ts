import type { Readable } from 'node:stream';
import { fileKind, isGzip, type FileKind } from '../csv/file-kind.ts';
import { gunzipped } from './gunzipped.ts';
import { parquetLines } from './parquet-source.ts';
import { spooled } from './spool.ts';
import { isUtf16, utf8Of } from './utf16.ts';
import { xlsxLines } from './xlsx/xlsx-source.ts';

/** Bytes that tell what a file is. */
const HEAD_BYTES = 8;

/** What is told while a file is read. */
export interface SourceHooks {
  /** Stored bytes taken so far. */
  onRead(bytes: number): void;
  /** What the file turned out to be, once. @param isPlain whether its text is stored as it is, byte for byte */
  onKind(kind: FileKind, isPlain: boolean): void;
  /** What a person should know of how it was read. */
  onNote(note: string): void;
}

/**
 * A stored sales file of any kind as the text of a CSV, in bounded memory: plain text as it is, UTF-16 as UTF-8, workbooks and
 * Parquet as lines, each at the line it has in its file; any of them in gzip.
 * @param maxBytes most bytes it may unpack to
 * @throws UnreadableFileError where it cannot be read or must not be
 */
export async function* salesText(stored: Readable, hooks: SourceHooks, maxBytes: number): AsyncGenerator<Buffer> {
  const packed = await beginning(
    plainText(stored, (bytes) => hooks.onRead(bytes)),
    2,
  );
  const isPacked = isGzip(packed.head);
  const content = isPacked
    ? await beginning(gunzipped(packed.whole, maxBytes), HEAD_BYTES)
    : await beginning(packed.whole, HEAD_BYTES);
  const kind = fileKind(content.head);
  hooks.onKind(kind, kind === 'csv' && !isPacked && !isUtf16(content.head));
  if (kind === 'xlsx')
    yield* spooled(content.whole, maxBytes, (path) => xlsxLines(path, maxBytes, (note) => hooks.onNote(note)));
  else if (kind === 'parquet') yield* spooled(content.whole, maxBytes, parquetLines);
  else yield* utf8Of(content.head, content.whole);
}

/** A stream as it is. @param onRead told how many bytes have been taken */
export async function* plainText(stored: Readable, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const chunk of stored) {
    read += (chunk as Buffer).length;
    onRead(read);
    yield chunk as Buffer;
  }
}

/** What stands behind the first bytes of a text. */
export async function* skipped(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield left > 0 ? chunk.subarray(left) : chunk;
    left = Math.max(0, left - chunk.length);
  }
}

/** The first bytes of a stream, fewer where it has no more, and the whole of it. */
async function beginning(
  chunks: AsyncGenerator<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; whole: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < bytes) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length ? Buffer.concat([head, next.value]) : next.value;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    if (head.length) yield head;
    yield* chunks;
  }
  return { head, whole: whole() };
}
