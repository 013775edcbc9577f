/**
 * PostgreSQL's binary COPY format (https://www.postgresql.org/docs/current/sql-copy.html): a writer that packs rows into
 * reusable chunks and a reader that walks them without making an object per row.
 */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** PostgreSQL counts days from 2000-01-01; everything here counts from 1970-01-01. */
const EPOCH_SHIFT_DAYS = 10_957;

/** Packs rows for `COPY … FROM STDIN (FORMAT binary)`. Call `row`, then one method per column; `take` hands the bytes over. */
export class BinaryCopyWriter {
  private buffer: Buffer;
  /** Over the same bytes: compiled to plain stores, unlike Buffer's checked writers. */
  private view: DataView;
  private position = 0;

  constructor(private readonly chunkBytes = 1 << 18) {
    this.buffer = Buffer.allocUnsafe(chunkBytes + 4096);
    this.view = viewOf(this.buffer);
    SIGNATURE.copy(this.buffer, 0);
    this.buffer.fill(0, SIGNATURE.length, HEADER_BYTES);
    this.position = HEADER_BYTES;
  }

  /** Whether enough is packed to be worth a `take`. */
  get full(): boolean {
    return this.position >= this.chunkBytes;
  }

  row(columns: number): void {
    this.reserve(2);
    this.view.setInt16(this.position, columns);
    this.position += 2;
  }
  null(): void {
    this.reserve(4);
    this.view.setInt32(this.position, -1);
    this.position += 4;
  }
  int16(value: number): void {
    this.reserve(6);
    this.view.setInt32(this.position, 2);
    this.view.setInt16(this.position + 4, value);
    this.position += 6;
  }
  int32(value: number): void {
    this.reserve(8);
    this.view.setInt32(this.position, 4);
    this.view.setInt32(this.position + 4, value);
    this.position += 8;
  }
  float32(value: number): void {
    this.reserve(8);
    this.view.setInt32(this.position, 4);
    this.view.setFloat32(this.position + 4, value);
    this.position += 8;
  }
  /** double precision; NaN is written as NULL. */
  float64(value: number): void {
    if (Number.isNaN(value)) return this.null();
    this.reserve(12);
    this.view.setInt32(this.position, 8);
    this.view.setFloat64(this.position + 4, value);
    this.position += 12;
  }
  boolean(value: boolean): void {
    this.reserve(5);
    this.view.setInt32(this.position, 1);
    this.buffer[this.position + 4] = value ? 1 : 0;
    this.position += 5;
  }
  /** A date as days since 1970-01-01. */
  date(day: number): void {
    this.int32(day - EPOCH_SHIFT_DAYS);
  }
  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.reserve(4 + bytes);
    this.position = this.buffer.writeInt32BE(bytes, this.position);
    this.position += this.buffer.write(value, this.position);
  }
  uuid(value: string): void {
    this.reserve(20);
    this.position = this.buffer.writeInt32BE(16, this.position);
    this.position += this.buffer.write(value.replaceAll('-', ''), this.position, 'hex');
  }
  /** real[] of one dimension without NULLs. */
  float32Array(values: ArrayLike<number>): void {
    const bytes = 20 + values.length * 8;
    this.reserve(4 + bytes);
    for (const word of [bytes, 1, 0, 700, values.length, 1])
      this.position = this.buffer.writeInt32BE(word, this.position);
    for (let i = 0; i < values.length; i++) {
      this.position = this.buffer.writeInt32BE(4, this.position);
      this.position = this.buffer.writeFloatBE(values[i], this.position);
    }
  }

  /** The bytes packed so far; the writer starts a new chunk. */
  take(): Buffer {
    const chunk = this.buffer.subarray(0, this.position);
    this.buffer = Buffer.allocUnsafe(this.chunkBytes + 4096);
    this.view = viewOf(this.buffer);
    this.position = 0;
    return chunk;
  }

  /** The last bytes, with the end marker. */
  finish(): Buffer {
    this.reserve(2);
    this.position = this.buffer.writeInt16BE(-1, this.position);
    return this.take();
  }

  private reserve(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.position + bytes));
    this.buffer.copy(larger, 0, 0, this.position);
    this.buffer = larger;
    this.view = viewOf(larger);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Cursor over the fields of one row; fields are read in order. `isNull` skips the field when it is NULL. */
export class BinaryCopyRow {
  buffer: Buffer = Buffer.alloc(0);
  position = 0;

  /** Whether the next field is NULL; if so it is consumed. */
  isNull(): boolean {
    if (this.buffer.readInt32BE(this.position) !== -1) return false;
    this.position += 4;
    return true;
  }
  int32(): number {
    const value = this.buffer.readInt32BE(this.position + 4);
    this.position += 8;
    return value;
  }
  /** real; NaN for NULL. */
  float32(): number {
    if (this.isNull()) return NaN;
    const value = this.buffer.readFloatBE(this.position + 4);
    this.position += 8;
    return value;
  }
  /** double precision; NaN for NULL. */
  float64(): number {
    if (this.isNull()) return NaN;
    const value = this.buffer.readDoubleBE(this.position + 4);
    this.position += 12;
    return value;
  }
  /** A date as days since 1970-01-01. */
  date(): number {
    return this.int32() + EPOCH_SHIFT_DAYS;
  }
}

/** Reads `COPY … TO STDOUT (FORMAT binary)`: feed chunks in order; `onRow` is called with one reused cursor per row. */
export class BinaryCopyReader {
  private rest: Buffer = Buffer.alloc(0);
  private headerRead = false;
  private readonly row = new BinaryCopyRow();
  rows = 0;

  constructor(private readonly onRow: (row: BinaryCopyRow) => void) {}

  push(chunk: Buffer): void {
    const buffer = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk;
    let position = 0;
    if (!this.headerRead) {
      if (buffer.length < HEADER_BYTES) {
        this.rest = buffer;
        return;
      }
      position = HEADER_BYTES;
      this.headerRead = true;
    }
    for (;;) {
      const end = this.rowEnd(buffer, position);
      if (end < 0) break;
      if (end > position + 2) {
        this.row.buffer = buffer;
        this.row.position = position + 2;
        this.onRow(this.row);
        this.rows++;
      }
      position = end;
    }
    this.rest = buffer.subarray(position);
  }

  /** Position after the row that starts at `position`, or -1 if it is not complete yet. The end marker is an empty row. */
  private rowEnd(buffer: Buffer, position: number): number {
    if (position + 2 > buffer.length) return -1;
    const fields = buffer.readInt16BE(position);
    let end = position + 2;
    for (let i = 0; i < fields; i++) {
      if (end + 4 > buffer.length) return -1;
      const bytes = buffer.readInt32BE(end);
      end += 4 + Math.max(bytes, 0);
    }
    return end <= buffer.length ? end : -1;
  }
}
