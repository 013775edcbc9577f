import { isUtf8 } from 'node:buffer';
import { numberIn } from './csv-number.ts';
import type { ByteDictionary } from './dictionary.ts';
import { InputError } from './input-error.ts';

const QUOTE = 34;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const POINT = 46;
const SEPARATORS = [COMMA, 59, 9, 124];
/** Beyond it a sum of single-precision numbers says nothing; such a value is a mistake. */
const LARGEST = 1e15;

/** What a caller does with a file: looks at the header, then at every record. */
export interface CsvVisitor {
  /** Names of the columns as they stand in the first line. */
  readonly onHeader: (names: string[], record: CsvRecord) => void;
  /** The record is used again for the next line. */
  readonly onRecord: (record: CsvRecord) => void;
}

/** One line of a CSV file as ranges of bytes; used again line after line. */
export class CsvRecord {
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of fields. */
  count = 0;
  /** Line of the file the record ends on, counted from 1. */
  line = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 1 where doubled quotes stand for single ones. */
  escaped = new Uint8Array(64);
  /** Names of the columns, for messages. */
  names: string[] = [];
  separator = COMMA;

  constructor(readonly file: string) {}

  /** @throws InputError where the bytes are no UTF-8 */
  text(field: number): string {
    const bytes = Buffer.from(
      this.bytes.buffer,
      this.bytes.byteOffset + this.starts[field],
      this.ends[field] - this.starts[field],
    );
    const text = bytes.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(bytes))
      throw this.error(field, `"${text}" is not encoded as UTF-8; save the file as UTF-8`);
    return this.escaped[field] ? text.replaceAll('""', '"') : text;
  }

  /** Text of a field that only people read: Latin-1 where the bytes are no UTF-8. */
  shownText(field: number): string {
    const bytes = Buffer.from(this.bytes.subarray(this.starts[field], this.ends[field]));
    const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
    return this.escaped[field] ? text.replaceAll('""', '"') : text;
  }

  isEmpty(field: number): boolean {
    return this.starts[field] === this.ends[field];
  }

  /** NaN where the value is unknown, undefined where it is no number. */
  numberOrText(field: number): number | undefined {
    return numberIn(this.bytes, this.starts[field], this.ends[field], this.separator === COMMA ? POINT : COMMA);
  }

  /** NaN where the value is unknown. @throws InputError where it is no number */
  number(field: number): number {
    const value = this.numberOrText(field);
    if (value === undefined) throw this.error(field, `"${this.text(field)}" is not a number`);
    if (Math.abs(value) > LARGEST) throw this.error(field, `${this.text(field)} is too large a number`);
    return value;
  }

  codeIn(dictionary: ByteDictionary, field: number): number {
    if (!this.escaped[field]) return dictionary.codeOf(this.bytes, this.starts[field], this.ends[field]);
    const text = Buffer.from(this.text(field));
    return dictionary.codeOf(text, 0, text.length);
  }

  error(field: number, problem: string): InputError {
    return new InputError(`${this.file}, line ${this.line}, column ${this.names[field] ?? field + 1}: ${problem}`);
  }

  grow(): void {
    const grown = (from: Int32Array) => {
      const to = new Int32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    const escaped = new Uint8Array(this.escaped.length * 2);
    escaped.set(this.escaped);
    this.escaped = escaped;
  }
}

/**
 * Gives every complete record of a block to the visitor.
 * @param last whether the file ends with the block, so that its last line needs no line end
 * @returns where the incomplete rest begins
 */
export function parseRecords(record: CsvRecord, bytes: Uint8Array, visitor: CsvVisitor, last: boolean): number {
  const size = bytes.length;
  let at = 0;
  record.bytes = bytes;
  if (record.line === 0) {
    if (size === 0 || (!last && !bytes.includes(LINE_FEED))) return 0;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3;
    record.separator = separatorOf(bytes, at);
  }
  while (at < size) {
    const next = nextRecord(record, at, last);
    if (next < 0) break;
    at = next;
    if (record.count === 1 && record.starts[0] === record.ends[0]) continue;
    if (record.names.length === 0) {
      record.names = Array.from({ length: record.count }, (_, field) => record.text(field).trim());
      if (record.names.some((name) => name.includes('\r')))
        throw new InputError(`${record.file}: its lines end with carriage returns alone; save it with line feeds`);
      visitor.onHeader(record.names, record);
      continue;
    }
    if (record.count !== record.names.length)
      throw new InputError(
        `${record.file}, line ${record.line}: ${record.count} columns where the header has ${record.names.length}`,
      );
    visitor.onRecord(record);
  }
  return at;
}

/** Splits the record at `at` into fields and returns the start of the next one, -1 if the block ends before it does. */
function nextRecord(record: CsvRecord, at: number, last: boolean): number {
  const { bytes, separator } = record;
  const size = bytes.length;
  let { starts, ends, escaped } = record;
  let count = 0;
  let lines = 1;
  for (;;) {
    if (count === starts.length) {
      record.grow();
      ({ starts, ends, escaped } = record);
    }
    while (bytes[at] === SPACE) at++;
    let start = at;
    let end: number;
    escaped[count] = 0;
    if (bytes[at] === QUOTE) {
      start = ++at;
      for (;;) {
        while (at < size && bytes[at] !== QUOTE) if (bytes[at++] === LINE_FEED) lines++;
        if (at >= size) {
          if (!last) return -1;
          throw new InputError(`${record.file}, line ${record.line + 1}: a quoted field is not closed`);
        }
        if (at + 1 >= size && !last) return -1;
        if (bytes[at + 1] !== QUOTE) break;
        escaped[count] = 1;
        at += 2;
      }
      end = at++;
      while (at < size && bytes[at] !== separator && bytes[at] !== LINE_FEED) at++;
    } else {
      while (at < size) {
        const byte = bytes[at];
        if (byte === separator || byte === LINE_FEED) break;
        at++;
      }
      end = at;
      if (end > start && bytes[end - 1] === CARRIAGE_RETURN && bytes[at] !== separator) end--;
      while (end > start && bytes[end - 1] === SPACE) end--;
    }
    if (at >= size && !last) return -1;
    starts[count] = start;
    ends[count] = end;
    count++;
    if (at >= size || bytes[at] === LINE_FEED) {
      record.count = count;
      record.line += lines;
      return at + 1;
    }
    at++;
  }
}

/** The separator that the header uses most. */
function separatorOf(bytes: Uint8Array, from: number): number {
  const counts = SEPARATORS.map(() => 0);
  let quoted = false;
  for (let at = from; at < bytes.length && (quoted || bytes[at] !== LINE_FEED); at++) {
    if (bytes[at] === QUOTE) quoted = !quoted;
    else if (!quoted && SEPARATORS.includes(bytes[at])) counts[SEPARATORS.indexOf(bytes[at])]++;
  }
  return SEPARATORS[counts.indexOf(Math.max(...counts))];
}
