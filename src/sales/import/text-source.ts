import { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isGzip, UnreadableFileError } from '../csv/file-kind.ts';

/**
 * The text bytes of a stored file, unpacked if it is gzip.
 * @param onRead told how many stored bytes were taken so far
 * @param maxBytes most bytes it may unpack to
 * @throws UnreadableFileError for truncated, damaged or too large gzip
 */
export async function* textSource(
  stored: Readable,
  onRead: (bytes: number) => void,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let read = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stored) {
      read += (chunk as Buffer).length;
      onRead(read);
      yield chunk as Buffer;
    }
  }
  const chunks = counted();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length ? Buffer.concat([head, next.value]) : next.value;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    yield head;
    yield* chunks;
  }
  if (!isGzip(head)) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The error reaches the reader through the stream itself.
  pipeline(Readable.from(whole()), gunzip, () => undefined);
  let unpacked = 0;
  try {
    for await (const chunk of gunzip) {
      unpacked += (chunk as Buffer).length;
      if (unpacked > maxBytes)
        throw new UnreadableFileError('FILE_TOO_LARGE', `file: unpacks to more than ${maxBytes} bytes`);
      yield chunk as Buffer;
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'Z_BUF_ERROR') throw new UnreadableFileError('FILE_TRUNCATED', 'file: the gzip file ends too early');
    if (code?.startsWith('Z_')) throw new UnreadableFileError('FILE_CORRUPT', 'file: the gzip file is damaged');
    throw error;
  }
}
