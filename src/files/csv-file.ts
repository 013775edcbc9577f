import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ReadHooks } from './forecast-input.ts';
import { CsvRecord, type CsvVisitor, parseRecords } from './csv-record.ts';
import { InputError } from './input-error.ts';

const CHUNK_BYTES = 1 << 20;
/** A record longer than this is a quote that was never closed. */
const MAX_RECORD_BYTES = 64 << 20;

/**
 * Reads a CSV file, plain or gzip; separators `,` `;` tab and `|`, quoted fields, a byte order mark and both line ends are
 * understood.
 * @throws InputError if there is no such file or it is no CSV
 */
export async function readCsv(file: string, visitor: CsvVisitor, hooks: ReadHooks = {}): Promise<void> {
  const blocks = csvBlocks(file, visitor, () => undefined, hooks);
  while (!(await blocks.next()).done);
}

/**
 * Reads as {@link readCsv} does, but block by block: the next one is not touched before the caller asks for it, so that what
 * the visitor makes of a large file may be passed on as fast as it is taken.
 * @param made answers what the visitor made of the records since the block before
 */
export async function* csvBlocks<T>(
  file: string,
  visitor: CsvVisitor,
  made: () => T,
  hooks: ReadHooks = {},
): AsyncGenerator<T> {
  const size = sizeOf(file);
  const head = firstBytes(file);
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3)
    throw new InputError(`${file}: this is a zip archive or a workbook; save it as CSV`);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new InputError(`${file}: the text is encoded as UTF-16; save it as UTF-8`);
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES, signal: hooks.signal });
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const bytes = gzip ? pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined) : source;
  const record = new CsvRecord(file);
  let held: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      const block = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      held = block.subarray(parseRecords(record, block, visitor, false));
      if (held.length > MAX_RECORD_BYTES)
        throw new InputError(`${file}, line ${record.line + 1}: a quoted field is not closed`);
      hooks.onProgress?.(source.bytesRead / Math.max(1, size));
      yield made();
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code?.startsWith('Z_')) throw new InputError(`${file}: the gzip stream is damaged or cut off`);
    throw error;
  }
  parseRecords(record, held, visitor, true);
  if (record.line === 0) throw new InputError(`${file}: the file is empty`);
  yield made();
}

function sizeOf(file: string): number {
  try {
    const stats = statSync(file);
    if (stats.isFile()) return stats.size;
    throw new InputError(`${file}: this is not a file`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    if ((error as { code?: string }).code !== 'ENOENT') throw new InputError(`${file}: ${(error as Error).message}`);
  }
  throw new InputError(`${file}: there is no such file`);
}

function firstBytes(file: string): Uint8Array {
  const handle = openSync(file, 'r');
  try {
    const head = new Uint8Array(4);
    readSync(handle, head, 0, 4, 0);
    return head;
  } finally {
    closeSync(handle);
  }
}
