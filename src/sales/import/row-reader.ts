import { ByteDictionary } from '../csv/byte-dictionary.ts';
import type { Column, HeaderMapping } from '../csv/header.ts';
import { RecordScanner, unescapeQuotes } from '../csv/record-scanner.ts';
import { civilDay, dayInZone, parseDay, parseDecimal } from '../csv/values.ts';

/** Dates before this are typing errors, not sales. */
const FIRST_DAY = civilDay(1990, 1, 1);
/** Larger numbers are not counts or amounts of a shop's day. */
const LARGEST = 1e12;
const LARGEST_PRICE = 1e9;
/** Longest texts, in bytes. */
const TEXT_BYTES: Readonly<Partial<Record<Column, number>>> = {
  sku: 200,
  location: 200,
  name: 400,
  category: 200,
  pincode: 20,
};
const SPACE = 0x20;
/** Bytes of a day, and of the longest day with a time. */
const DAY_BYTES = 10;
const LONGEST_INSTANT = 40;
/** A day with a time and perhaps a zone, as ISO 8601 and SQL write it. */
const INSTANT =
  /^\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(?<zone>|Z|[+-]\d{2}:\d{2}|[+-]\d{2}|[+-]\d{4})$/;
/** Revenue may be so many times price times quantity, or that part of it, by discounts, taxes and rounding. */
const MOST_APART = 3;
const FLAGS: Readonly<Record<string, number>> = { true: 1, yes: 1, y: 1, false: 0, no: 0, n: 0 };

/** What a file says about products and locations beside their sales; arrays are indexed by dictionary number, -1 = nothing. */
export interface CatalogueNotes {
  readonly name: number[];
  readonly category: number[];
  /** Latest stated price and its day. */
  readonly price: number[];
  readonly priceDay: number[];
  readonly pincode: number[];
}

/**
 * Turns CSV records into numbers: dictionary numbers of product and location, days since 1970-01-01, NaN for an absent
 * optional value. The public members hold the row just read.
 */
export class RowReader {
  readonly products = new ByteDictionary();
  readonly locations = new ByteDictionary();
  readonly texts = new ByteDictionary();
  readonly notes: CatalogueNotes = { name: [], category: [], price: [], priceDay: [], pincode: [] };
  product = 0;
  location = 0;
  day = 0;
  quantity = 0;
  price = NaN;
  revenue = NaN;
  onHand = NaN;
  promotion = NaN;
  /** Whether the day is another one than was written, since the time was of another zone. */
  movedByZone = false;
  /** Whether price, quantity and revenue are stated and contradict each other. */
  amountMismatch = false;

  /** Bytes and bounds of the field under work, spaces around it left out. */
  private bytes: Uint8Array = new Uint8Array();
  private from = 0;
  private to = 0;

  /**
   * @param today last day that is not the future
   * @param decimalComma whether numbers are written with a comma
   * @param timezone IANA name of the zone whose days are the business's
   * @param archived days whose sales have been archived
   */
  constructor(
    private readonly header: HeaderMapping,
    private readonly today: number,
    private readonly decimalComma: boolean,
    private readonly timezone: string,
    private readonly archived: ReadonlySet<number>,
  ) {}

  /** Whether a record holds nothing at all, as spreadsheets leave them below a table. */
  isBlank(scanner: RecordScanner): boolean {
    if (scanner.empty) return true;
    for (let i = 0; i < scanner.fieldCount; i++) if (scanner.starts[i] !== scanner.ends[i]) return false;
    return scanner.fieldCount > 1;
  }

  /** Reads the scanner's record; the reason if it cannot be loaded, else null. */
  read(bytes: Uint8Array, scanner: RecordScanner): string | null {
    if (scanner.malformed !== null) return `quotes: ${scanner.malformed}`;
    const { index } = this.header;
    if (scanner.fieldCount !== this.header.columnCount) return 'columns: not as many as in the header';

    this.field(bytes, scanner, index.date);
    if (this.from === this.to) return 'date: is empty';
    this.movedByZone = false;
    this.day = parseDay(this.bytes, this.from, this.to);
    if (this.day < 0 && this.to - this.from > DAY_BYTES) this.readInstant();
    if (this.day < 0) return 'date: is not an existing day written yyyy-mm-dd';
    if (this.day > this.today) return 'date: lies in the future';
    if (this.day < FIRST_DAY) return 'date: lies before 1990';
    if (this.archived.size > 0 && this.archived.has(this.day)) return 'archived: the sales of its month are archived';

    const quantity = this.number(bytes, scanner, 'quantity_sold', LARGEST);
    if (typeof quantity === 'string') return quantity;
    if (Number.isNaN(quantity)) return 'quantity_sold: is empty';
    this.quantity = quantity;
    const price = index.price < 0 ? NaN : this.number(bytes, scanner, 'price', LARGEST_PRICE);
    if (typeof price === 'string') return price;
    const revenue = index.revenue < 0 ? NaN : this.number(bytes, scanner, 'revenue', LARGEST);
    if (typeof revenue === 'string') return revenue;
    const onHand = index.on_hand < 0 ? NaN : this.number(bytes, scanner, 'on_hand', LARGEST);
    if (typeof onHand === 'string') return onHand;
    const promotion = index.promotion < 0 ? NaN : this.flag(bytes, scanner);
    if (typeof promotion === 'string') return promotion;
    this.onHand = onHand;
    this.promotion = promotion;
    const amount = price * quantity;
    this.amountMismatch = amount > 0 && revenue > 0 && (revenue > MOST_APART * amount || amount > MOST_APART * revenue);
    const average = quantity > 0 ? money(revenue / quantity) : NaN;
    this.price = Number.isNaN(price) && average <= LARGEST_PRICE ? average : price;
    this.revenue = Number.isNaN(revenue) ? money(price * quantity) : revenue;
    return this.readTexts(bytes, scanner);
  }

  /** Reads a day with a time: as it is written or, where a zone is named, the day it is then at the business. */
  private readInstant(): void {
    if (this.to - this.from > LONGEST_INSTANT) return;
    const text = Buffer.from(this.bytes.subarray(this.from, this.to)).toString('latin1');
    const zone = INSTANT.exec(text)?.groups?.zone;
    if (zone === undefined) return;
    const written = parseDay(this.bytes, this.from, this.from + DAY_BYTES);
    if (written < 0 || zone === '') {
      this.day = written;
      return;
    }
    const instant = new Date(
      text.replace(' ', 'T').replace(/([+-]\d{2})(\d{2})?$/, (_, hours, minutes) => `${hours}:${minutes ?? '00'}`),
    );
    if (Number.isNaN(instant.getTime())) return;
    this.day = dayInZone(instant, this.timezone);
    this.movedByZone = this.day !== written;
  }

  /** Reads the columns that name things; last, so that a refused row adds nothing to the dictionaries. */
  private readTexts(bytes: Uint8Array, scanner: RecordScanner): string | null {
    const { index } = this.header;
    const { notes } = this;
    for (const column of ['name', 'category', 'pincode'] as const) {
      if (index[column] < 0) continue;
      const reason = this.text(bytes, scanner, column);
      if (reason !== null) return reason;
    }
    const skuReason = this.text(bytes, scanner, 'sku') ?? (this.from === this.to ? 'sku: is empty' : null);
    if (skuReason !== null) return skuReason;
    const locationReason =
      this.text(bytes, scanner, 'location') ?? (this.from === this.to ? 'location: is empty' : null);
    if (locationReason !== null) return locationReason;
    this.location = this.locations.intern(this.bytes, this.from, this.to);
    this.field(bytes, scanner, index.sku);
    this.product = this.products.intern(this.bytes, this.from, this.to);
    if (this.product === notes.name.length) {
      notes.name.push(-1);
      notes.category.push(-1);
      notes.price.push(NaN);
      notes.priceDay.push(-1);
    }
    if (this.location === notes.pincode.length) notes.pincode.push(-1);
    if (index.name >= 0 && notes.name[this.product] < 0)
      notes.name[this.product] = this.note(bytes, scanner, index.name);
    if (index.category >= 0 && notes.category[this.product] < 0)
      notes.category[this.product] = this.note(bytes, scanner, index.category);
    if (index.pincode >= 0 && notes.pincode[this.location] < 0)
      notes.pincode[this.location] = this.note(bytes, scanner, index.pincode);
    if (this.price >= 0 && this.day >= notes.priceDay[this.product]) {
      notes.price[this.product] = this.price;
      notes.priceDay[this.product] = this.day;
    }
    return null;
  }

  private note(bytes: Uint8Array, scanner: RecordScanner, column: number): number {
    this.field(bytes, scanner, column);
    return this.from === this.to ? -1 : this.texts.intern(this.bytes, this.from, this.to);
  }

  private field(bytes: Uint8Array, scanner: RecordScanner, column: number): void {
    let from = scanner.starts[column];
    let to = scanner.ends[column];
    let source = bytes;
    if (scanner.escaped[column]) {
      source = unescapeQuotes(bytes, from, to);
      from = 0;
      to = source.length;
    }
    while (from < to && source[from] === SPACE) from++;
    while (to > from && source[to - 1] === SPACE) to--;
    this.bytes = source;
    this.from = from;
    this.to = to;
  }

  /** The number in a column, NaN if it is empty, or why it is none. */
  private number(bytes: Uint8Array, scanner: RecordScanner, column: Column, largest: number): number | string {
    this.field(bytes, scanner, this.header.index[column]);
    if (this.from === this.to) return NaN;
    const value = parseDecimal(this.bytes, this.from, this.to, this.decimalComma);
    if (Number.isNaN(value)) return `${column}: is not a number`;
    if (value < 0) return `${column}: is negative`;
    return value > largest ? `${column}: is too large` : value;
  }

  private flag(bytes: Uint8Array, scanner: RecordScanner): number | string {
    this.field(bytes, scanner, this.header.index.promotion);
    if (this.to - this.from <= 5) {
      const word = Buffer.from(this.bytes.subarray(this.from, this.to)).toString('latin1').toLowerCase();
      if (word in FLAGS) return FLAGS[word];
    }
    return this.number(bytes, scanner, 'promotion', 1);
  }

  private text(bytes: Uint8Array, scanner: RecordScanner, column: Column): string | null {
    this.field(bytes, scanner, this.header.index[column]);
    if (this.to - this.from > (TEXT_BYTES[column] as number)) return `${column}: is too long`;
    // Names may run over lines in an export; what identifies something may not.
    if (column === 'name' || column === 'category') return null;
    for (let i = this.from; i < this.to; i++)
      if (this.bytes[i] < SPACE || this.bytes[i] === 0x7f) return `${column}: holds control characters`;
    return null;
  }
}

/** Amounts to a millionth: products of decimals must not carry binary dust into answers. */
function money(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
