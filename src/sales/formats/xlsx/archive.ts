import { promisify } from 'node:util';
import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { UnreadableFileError } from '../../csv/file-kind.ts';

/** More parts than this no workbook of sales has. */
const MOST_ENTRIES = 10_000;
/** A part that unpacks to so many times its size, and is large, is a bomb. */
const MOST_RATIO = 500;
const RATIO_MATTERS_FROM = 64 << 20;

/** The parts of an opened workbook by their names. */
export interface Archive {
  has(name: string): boolean;
  /** @throws UnreadableFileError where there is no such part, or it unpacks to too much */
  open(name: string): Promise<Readable>;
  close(): void;
}

const openZip = promisify<string, yauzl.Options, ZipFile>(yauzl.open);

/**
 * Opens a ZIP of a workbook, having looked at what it claims to hold.
 * @param maxBytes most bytes its parts may unpack to together
 * @throws UnreadableFileError for damaged archives, bombs, macros, links to other files and encrypted parts
 */
export async function openArchive(path: string, maxBytes: number): Promise<Archive> {
  const zip = await openZip(path, { lazyEntries: true, autoClose: false }).catch((error: Error) => {
    throw new UnreadableFileError('FILE_CORRUPT', `file: the workbook is damaged (${error.message})`);
  });
  try {
    const entries = await entriesOf(zip);
    check(entries, maxBytes);
    return {
      has: (name) => entries.has(name),
      open: (name) => openPart(zip, entries, name),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry);
      if (entries.size > MOST_ENTRIES) reject(new UnreadableFileError('FILE_CORRUPT', 'file: has too many parts'));
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) =>
      reject(new UnreadableFileError('FILE_CORRUPT', `file: the workbook is damaged (${error.message})`)),
    );
    zip.readEntry();
  });
}

function check(entries: ReadonlyMap<string, Entry>, maxBytes: number): void {
  let unpacked = 0;
  for (const [name, { uncompressedSize, compressedSize, generalPurposeBitFlag }] of entries) {
    unpacked += uncompressedSize;
    if (uncompressedSize > RATIO_MATTERS_FROM && uncompressedSize > MOST_RATIO * Math.max(1, compressedSize))
      throw new UnreadableFileError('FILE_TOO_LARGE', `file: ${name} unpacks to ${uncompressedSize} bytes`, 413);
    if (generalPurposeBitFlag & 1)
      throw new UnreadableFileError('FILE_ENCRYPTED', 'file: the workbook is protected by a password', 415);
    if (/(^|\/)vbaProject\.bin$/i.test(name))
      throw new UnreadableFileError('WORKBOOK_MACROS', 'file: the workbook holds macros; save it as XLSX without', 415);
    if (/^xl\/externalLinks\//i.test(name))
      throw new UnreadableFileError(
        'WORKBOOK_LINKS',
        'file: the workbook takes values from other files; save it with values only',
        415,
      );
  }
  if (unpacked > maxBytes)
    throw new UnreadableFileError('FILE_TOO_LARGE', `file: unpacks to more than ${maxBytes} bytes`, 413);
  if (!entries.has('xl/workbook.xml'))
    throw new UnreadableFileError('FILE_KIND_UNSUPPORTED', 'file: this is a ZIP and no Excel workbook (XLSX)', 415);
}

/** The library refuses a part that unpacks to more than it claims. */
function openPart(zip: ZipFile, entries: ReadonlyMap<string, Entry>, name: string): Promise<Readable> {
  const entry = entries.get(name);
  if (!entry) throw new UnreadableFileError('FILE_CORRUPT', `file: the workbook lacks ${name}`);
  return new Promise((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(new UnreadableFileError('FILE_CORRUPT', `file: ${name} is damaged (${error.message})`));
      else resolve(stream);
    }),
  );
}
