import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnreadableFileError } from '../csv/file-kind.ts';

/**
 * What a gzip holds.
 * @param maxBytes most bytes it may unpack to
 * @throws UnreadableFileError for truncated, damaged or too large gzip
 */
export async function* gunzipped(packed: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // The error reaches the reader through the stream itself.
  pipeline(Readable.from(packed), gunzip, () => undefined);
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
