const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Columns whose positions are kept; a record may have more, which are counted only. */
export const MAX_COLUMNS = 512;

/** What is wrong with the quotes of a record. */
export type Malformation = 'quote inside an unquoted value' | 'text after a closing quote' | 'quote is never closed';

/**
 * Finds the fields of CSV records (RFC 4180 with any one-byte delimiter; LF, CRLF or CR) in bytes without making strings:
 * a parser that makes an object per row is four times too slow for the rate loads must keep. After `next` the public
 * members describe the record just read.
 */
export class RecordScanner {
  /** Position of each field's first byte, quotes left out. */
  readonly starts = new Int32Array(MAX_COLUMNS);
  /** Position after each field's last byte, quotes left out. */
  readonly ends = new Int32Array(MAX_COLUMNS);
  /** 1 where the field holds doubled quotes; see {@link unescapeQuotes}. */
  readonly escaped = new Uint8Array(MAX_COLUMNS);
  fieldCount = 0;
  recordStart = 0;
  /** Position after the record's last byte, line end left out. */
  recordEnd = 0;
  /** Physical line, counted from 1, on which the record starts. */
  line = 0;
  malformed: Malformation | null = null;

  /** Physical line on which the next record starts. */
  nextLine = 1;
  /** 1 for the bytes that end an unquoted run: delimiter, line ends, quote. */
  private readonly special = new Uint8Array(256);

  constructor(private readonly delimiter: number) {
    for (const byte of [delimiter, LF, CR, QUOTE]) this.special[byte] = 1;
  }

  /** Whether the record is an empty line. */
  get empty(): boolean {
    return this.recordStart === this.recordEnd;
  }

  /**
   * Reads the record at `position`.
   * @param final whether nothing follows `end`
   * @returns the position of the next record, or -1 if the record is not complete before `end`
   */
  next(bytes: Uint8Array, position: number, end: number, final: boolean): number {
    const { special, delimiter } = this;
    let at = position;
    let count = 0;
    let innerLines = 0;
    let malformed: Malformation | null = null;
    for (;;) {
      let start = at;
      let stop: number;
      let escaped = 0;
      if (at < end && bytes[at] === QUOTE) {
        start = ++at;
        for (;;) {
          while (at < end && bytes[at] !== QUOTE) {
            if (bytes[at] === LF || (bytes[at] === CR && at + 1 < end && bytes[at + 1] !== LF)) innerLines++;
            at++;
          }
          if (at + 1 >= end && !final) return -1;
          if (at >= end) malformed ??= 'quote is never closed';
          if (at + 1 >= end || bytes[at + 1] !== QUOTE) break;
          escaped = 1;
          at += 2;
        }
        stop = Math.min(at, end);
        at++;
        if (at < end && (special[bytes[at]] === 0 || bytes[at] === QUOTE)) malformed ??= 'text after a closing quote';
        while (at < end && (special[bytes[at]] === 0 || bytes[at] === QUOTE)) at++;
        if (at > end) at = end;
      } else {
        while (at < end && special[bytes[at]] === 0) at++;
        if (at < end && bytes[at] === QUOTE) {
          malformed ??= 'quote inside an unquoted value';
          while (at < end && (special[bytes[at]] === 0 || bytes[at] === QUOTE)) at++;
        }
        stop = at;
      }
      if (at >= end && !final) return -1;
      if (count < MAX_COLUMNS) {
        this.starts[count] = start;
        this.ends[count] = stop;
        this.escaped[count] = escaped;
      }
      count++;
      if (at < end && bytes[at] === delimiter) {
        at++;
        continue;
      }
      const recordEnd = at;
      if (at < end && bytes[at] === CR) {
        if (at + 1 >= end && !final) return -1;
        at += at + 1 < end && bytes[at + 1] === LF ? 2 : 1;
      } else if (at < end) at++;
      this.fieldCount = count;
      this.recordStart = position;
      this.recordEnd = recordEnd;
      this.malformed = malformed;
      this.line = this.nextLine;
      this.nextLine += 1 + innerLines;
      return at;
    }
  }
}

/** The bytes of a field with its doubled quotes made single. */
export function unescapeQuotes(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(Buffer.from(bytes.subarray(start, end)).toString('latin1').replaceAll('""', '"'), 'latin1');
}
