import { isUtf8 } from 'node:buffer';
import { assertReadableKind, notText, SNIFF_BYTES, UnreadableFileError } from '../csv/file-kind.ts';
import { Delimiter, detectDelimiter, fieldTexts, HeaderMapping, mapHeader } from '../csv/header.ts';
import { MAX_COLUMNS, RecordScanner } from '../csv/record-scanner.ts';
import { PersonalColumns } from '../quality/personal-data.ts';
import { ByteWindow } from './byte-window.ts';
import { FileProfile } from './file-profile.ts';
import { RowReader } from './row-reader.ts';

/** Longest record; a file without line ends must not fill the memory. */
const MAX_RECORD_BYTES = 1 << 20;
/** Rows between two chances for the sink to send what it holds. */
const FLUSH_ROWS = 2_000;
/** Distinct products, locations or texts a file may hold. */
const MAX_DISTINCT = 2_000_000;

/** Takes what is parsed. `row` and `reject` are called for each record and must not wait; `flush` may. */
export interface ParseSink {
  row(line: number, reader: RowReader): void;
  reject(line: number, reason: string, row: string): void;
  flush(): Promise<void>;
}

/** What a parsed file turned out to be. */
export interface ParsedFile {
  readonly header: HeaderMapping;
  readonly delimiter: Delimiter;
  readonly encoding: 'utf8' | 'latin1';
  readonly reader: RowReader;
  readonly profile: FileProfile;
  readonly personal: PersonalColumns;
}

/** What parsing needs to know of the business. */
export interface ParseSettings {
  /** Last day that is not the future, as days since 1970-01-01. */
  readonly today: number;
  /** IANA name of the zone of its days. */
  readonly timezone: string;
  /** Days whose sales have been archived, counted likewise. */
  readonly archived: ReadonlySet<number>;
}

interface Layout {
  readonly personal: PersonalColumns;
  readonly header: HeaderMapping;
  readonly delimiter: Delimiter;
  readonly scanner: RecordScanner;
  readonly reader: RowReader;
}

/** Decodes a piece of a file on its own: what is not UTF-8 is Latin-1. */
function decode(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** Reasons that leave the day of a row unknown, or not to be believed. */
const UNDATED = /^(date|columns|quotes):/;

/** A row as its refusal repeats it: as it stands in the file, but without what tells about persons. */
function shownRow(bytes: Buffer, scanner: RecordScanner, delimiter: string, personal: PersonalColumns): string {
  const fields = fieldTexts(scanner, bytes);
  if (personal.isPersonal(fields)) return personal.mask(fields).join(delimiter);
  return decode(bytes.subarray(scanner.recordStart, scanner.recordEnd));
}

/** Understands the header at the start of the window; null while it is not complete. Moves the window behind it. */
function readLayout(window: ByteWindow, { today, timezone, archived }: ParseSettings, final: boolean): Layout | null {
  const { bytes } = window;
  assertReadableKind(bytes.subarray(window.start, Math.min(window.end, window.start + SNIFF_BYTES)));
  let position = window.start;
  if (bytes[position] === 0xef && bytes[position + 1] === 0xbb && bytes[position + 2] === 0xbf) position += 3;
  const delimiter = detectDelimiter(bytes, position, window.end);
  const scanner = new RecordScanner(delimiter.charCodeAt(0));
  do {
    if (position >= window.end) {
      if (final) throw new UnreadableFileError('FILE_EMPTY', 'file: is empty');
      return null;
    }
    position = scanner.next(bytes, position, window.end, final);
    if (position < 0) return null;
  } while (scanner.empty);
  const headers = fieldTexts(scanner, bytes);
  const header = mapHeader(headers);
  if (scanner.fieldCount > MAX_COLUMNS)
    throw new UnreadableFileError('TOO_MANY_COLUMNS', `file: has more than ${MAX_COLUMNS} columns`);
  if (header.missing.length) {
    throw new UnreadableFileError(
      'COLUMN_MISSING',
      `file: column ${header.missing.join(', ')} is missing; found: ${headers.join(', ').slice(0, 300)}`,
    );
  }
  if (header.repeated.length)
    throw new UnreadableFileError('COLUMN_REPEATED', `file: column ${header.repeated.join(', ')} appears twice`);
  window.start = position;
  const used = new Set(Object.values(header.index));
  const unused = Array.from(headers.keys()).filter((column) => !used.has(column));
  return {
    header,
    delimiter,
    scanner,
    reader: new RowReader(header, today, delimiter === ';', timezone, archived),
    personal: new PersonalColumns(headers, unused),
  };
}

/**
 * Parses a sales file in one pass and bounded memory.
 * @throws UnreadableFileError when the file as a whole cannot be loaded; the signal's reason when it aborts
 */
export async function parseFile(
  chunks: AsyncIterable<Buffer>,
  settings: ParseSettings,
  sink: ParseSink,
  signal: AbortSignal,
): Promise<ParsedFile> {
  const window = new ByteWindow();
  const profile = new FileProfile();
  let layout: Layout | null = null;
  let utf8 = true;

  async function drain(final: boolean): Promise<void> {
    layout ??= readLayout(window, settings, final);
    if (layout) {
      const { scanner, reader, personal, delimiter } = layout;
      const { bytes, end, start } = window;
      let position = start;
      let untilFlush = FLUSH_ROWS;
      while (position < end) {
        const next = scanner.next(bytes, position, end, final);
        if (next < 0) break;
        position = next;
        if (reader.isBlank(scanner)) continue;
        profile.rowsRead++;
        if (personal.isOpen) personal.observe(fieldTexts(scanner, bytes));
        const reason = reader.read(bytes, scanner);
        if (reason === null) {
          profile.accept(reader, scanner.line);
          sink.row(scanner.line, reader);
        } else {
          profile.reject(reason, scanner.line, UNDATED.test(reason) ? -1 : reader.day);
          sink.reject(scanner.line, reason, shownRow(bytes, scanner, delimiter, personal));
        }
        if (--untilFlush === 0) {
          await sink.flush();
          untilFlush = FLUSH_ROWS;
        }
      }
      utf8 &&= isUtf8(bytes.subarray(start, position));
      window.start = position;
      if (Math.max(reader.products.size, reader.locations.size, reader.texts.size) > MAX_DISTINCT)
        throw new UnreadableFileError('TOO_MANY_VALUES', `file: has more than ${MAX_DISTINCT} products or locations`);
    }
    if (window.length > MAX_RECORD_BYTES) {
      const line = (layout?.scanner.line ?? 0) + 1;
      throw new UnreadableFileError('LINE_TOO_LONG', `file: the row after line ${line - 1} is longer than 1 MB`);
    }
  }

  for await (const chunk of chunks) {
    signal.throwIfAborted();
    window.append(chunk);
    if (!layout && window.length < SNIFF_BYTES) continue;
    if (chunk.includes(0)) {
      assertReadableKind(window.bytes.subarray(window.start, Math.min(window.end, window.start + SNIFF_BYTES)));
      throw notText();
    }
    await drain(false);
    await sink.flush();
  }
  await drain(true);
  await sink.flush();
  if (!layout) throw new UnreadableFileError('FILE_EMPTY', 'file: is empty');
  if (profile.rowsRead === 0)
    throw new UnreadableFileError('FILE_WITHOUT_ROWS', 'file: has a header and no rows below it');
  const { header, delimiter, reader, personal } = layout as Layout;
  for (const { column, kind } of personal.columns())
    profile.findings.add('personal_data', -1, () => `column ${column} (${kind.replaceAll('_', ' ')}) is not loaded`);
  return { header, delimiter, encoding: utf8 ? 'utf8' : 'latin1', reader, profile, personal };
}
