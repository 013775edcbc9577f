import { isUtf8 } from 'node:buffer';
import { assertReadableKind, notText, SNIFF_BYTES, UnreadableFileError } from '../csv/file-kind.ts';
import { Delimiter, fieldTexts, HeaderMapping } from '../csv/header.ts';
import { RecordScanner } from '../csv/record-scanner.ts';
import { PersonalColumns } from '../quality/personal-data.ts';
import { ByteWindow } from './byte-window.ts';
import { FileProfile } from './file-profile.ts';
import { Layout, ParseSettings, readLayout } from './layout.ts';
import { RowReader } from './row-reader.ts';

/** Longest record; a file without line ends must not fill the memory. */
const MAX_RECORD_BYTES = 1 << 20;
/** Distinct products, locations or texts a file may hold. */
const MAX_DISTINCT = 2_000_000;

/** Takes what is parsed. `row` and `reject` are called for each record and must not wait; `flush` may. */
export interface ParseSink {
  /** Rows between two calls of `flush`, at most. */
  readonly flushRows: number;
  row(line: number, reader: RowReader): void;
  reject(line: number, reason: string, row: string): void;
  /** @param state all that is known now; of use until the next record is read */
  flush(state: ParserState): Promise<void>;
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

/** All that a parser knows between two records. */
export interface ParserState {
  readonly settings: ParseSettings;
  readonly layout: Layout;
  readonly profile: FileProfile;
  /** Whether everything so far is UTF-8. */
  readonly utf8: boolean;
  /** Bytes of text behind it. */
  readonly offset: number;
  /** Whether nothing follows. */
  readonly isComplete: boolean;
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

/**
 * Parses a sales file in one pass and bounded memory.
 * @param chunks the text, from `from.offset` on
 * @param from where an earlier attempt got to; it is changed while parsing goes on
 * @throws UnreadableFileError when the file as a whole cannot be loaded; the signal's reason when it aborts
 */
export async function parseFile(
  chunks: AsyncIterable<Buffer>,
  settings: ParseSettings,
  sink: ParseSink,
  signal: AbortSignal,
  from: ParserState | null = null,
): Promise<ParsedFile> {
  const window = new ByteWindow();
  const profile = from?.profile ?? new FileProfile();
  let layout: Layout | null = from?.layout ?? null;
  let utf8 = from?.utf8 ?? true;
  let offset = from?.offset ?? 0;

  const state = (isComplete: boolean): ParserState => ({
    settings,
    layout: layout as Layout,
    profile,
    utf8,
    offset,
    isComplete,
  });

  /** Lets go of the records before a position. */
  function settle(position: number): void {
    utf8 &&= isUtf8(window.bytes.subarray(window.start, position));
    offset += position - window.start;
    window.start = position;
  }

  async function drain(final: boolean): Promise<void> {
    if (!layout) {
      const { start } = window;
      layout = readLayout(window, settings, final);
      offset += window.start - start;
    }
    if (layout) {
      const { scanner, reader, personal, delimiter } = layout;
      const { bytes, end } = window;
      let position = window.start;
      let untilFlush = sink.flushRows;
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
          settle(position);
          await sink.flush(state(false));
          untilFlush = sink.flushRows;
        }
      }
      settle(position);
      if (Math.max(reader.products.size, reader.locations.size, reader.texts.size) > MAX_DISTINCT)
        throw new UnreadableFileError('TOO_MANY_VALUES', `file: has more than ${MAX_DISTINCT} products or locations`);
    }
    if (window.length > MAX_RECORD_BYTES) {
      const line = layout ? layout.scanner.nextLine - 1 : 0;
      throw new UnreadableFileError('LINE_TOO_LONG', `file: the row after line ${line} is longer than 1 MB`);
    }
  }

  if (!from?.isComplete) {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      window.append(chunk);
      if (!layout && window.length < SNIFF_BYTES) continue;
      if (chunk.includes(0)) {
        assertReadableKind(window.bytes.subarray(window.start, Math.min(window.end, window.start + SNIFF_BYTES)));
        throw notText();
      }
      await drain(false);
      if (layout) await sink.flush(state(false));
    }
    await drain(true);
    if (!layout) throw new UnreadableFileError('FILE_EMPTY', 'file: is empty');
    if (profile.rowsRead === 0)
      throw new UnreadableFileError('FILE_WITHOUT_ROWS', 'file: has a header and no rows below it');
    await sink.flush(state(true));
  }
  const { header, delimiter, reader, personal } = layout as unknown as Layout;
  for (const { column, kind } of personal.columns())
    profile.findings.add('personal_data', -1, () => `column ${column} (${kind.replaceAll('_', ' ')}) is not loaded`);
  return { header, delimiter, encoding: utf8 ? 'utf8' : 'latin1', reader, profile, personal };
}
