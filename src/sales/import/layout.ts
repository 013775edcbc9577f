import { assertReadableKind, SNIFF_BYTES, UnreadableFileError } from '../csv/file-kind.ts';
import { Delimiter, detectDelimiter, fieldTexts, HeaderMapping, mapHeader } from '../csv/header.ts';
import { MAX_COLUMNS, RecordScanner } from '../csv/record-scanner.ts';
import { PersonalColumns } from '../quality/personal-data.ts';
import { ByteWindow } from './byte-window.ts';
import { RowReader } from './row-reader.ts';

/** What parsing needs to know of the business. */
export interface ParseSettings {
  /** Last day that is not the future, as days since 1970-01-01. */
  readonly today: number;
  /** IANA name of the zone of its days. */
  readonly timezone: string;
  /** Days whose sales have been archived, counted likewise. */
  readonly archived: ReadonlySet<number>;
}

/** How the rows of a file are read, as its header tells, and what was learned from those read so far. */
export interface Layout {
  /** As the file writes them. */
  readonly headers: readonly string[];
  readonly header: HeaderMapping;
  readonly delimiter: Delimiter;
  readonly scanner: RecordScanner;
  readonly reader: RowReader;
  readonly personal: PersonalColumns;
}

/** The layout of a file with these headers, before its first row. */
export function layoutOf(
  headers: readonly string[],
  delimiter: Delimiter,
  { today, timezone, archived }: ParseSettings,
  scanner = new RecordScanner(delimiter.charCodeAt(0)),
): Layout {
  const header = mapHeader(headers);
  const used = new Set(Object.values(header.index));
  const unused = Array.from(headers.keys()).filter((column) => !used.has(column));
  return {
    headers,
    header,
    delimiter,
    scanner,
    reader: new RowReader(header, today, delimiter === ';', timezone, archived),
    personal: new PersonalColumns(headers, unused),
  };
}

/**
 * Understands the header at the start of the window; null while it is not complete. Moves the window behind it.
 * @throws UnreadableFileError where it is none of a sales file
 */
export function readLayout(window: ByteWindow, settings: ParseSettings, final: boolean): Layout | null {
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
  const layout = layoutOf(headers, delimiter, settings, scanner);
  const { missing, repeated } = layout.header;
  if (scanner.fieldCount > MAX_COLUMNS)
    throw new UnreadableFileError('TOO_MANY_COLUMNS', `file: has more than ${MAX_COLUMNS} columns`);
  if (missing.length) {
    throw new UnreadableFileError(
      'COLUMN_MISSING',
      `file: column ${missing.join(', ')} is missing; found: ${headers.join(', ').slice(0, 300)}`,
    );
  }
  if (repeated.length)
    throw new UnreadableFileError('COLUMN_REPEATED', `file: column ${repeated.join(', ')} appears twice`);
  window.start = position;
  return layout;
}
