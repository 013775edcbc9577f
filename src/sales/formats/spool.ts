import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UnreadableFileError } from '../csv/file-kind.ts';

/**
 * Writes a stream to a temporary file for formats that are read from their end, and removes it when `read` has ended.
 * @param maxBytes a longer stream is refused
 * @throws UnreadableFileError (413)
 */
export async function* spooled(
  content: AsyncIterable<Buffer>,
  maxBytes: number,
  read: (path: string, bytes: number) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'shelfcast-upload-'));
  try {
    const path = join(folder, 'content');
    let bytes = 0;
    async function* measured(): AsyncGenerator<Buffer> {
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          throw new UnreadableFileError('FILE_TOO_LARGE', `file: is larger than ${maxBytes} bytes`, 413);
        yield chunk;
      }
    }
    await pipeline(Readable.from(measured()), createWriteStream(path));
    yield* read(path, bytes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
