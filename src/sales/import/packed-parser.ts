import type { Delimiter } from '../csv/header.ts';
import type { PersonalState } from '../quality/personal-data.ts';
import { FileProfile, ProfileState } from './file-profile.ts';
import { Layout, layoutOf, ParseSettings } from './layout.ts';
import type { ParserState } from './parse-file.ts';
import type { CatalogueNotes, RowReader } from './row-reader.ts';

/** Changes with the meaning of anything below, or of how a file is parsed: what another version left is of no use. */
const VERSION = 1;

/** Sizes of the dictionaries of a {@link RowReader}. */
export interface DictionarySizes {
  readonly products: number;
  readonly locations: number;
  readonly texts: number;
}

export const NO_KEYS: DictionarySizes = { products: 0, locations: 0, texts: 0 };

/** A parser's state as plain data. */
export interface PackedParser {
  /** Everything small; becomes JSON. */
  readonly state: PlainParser;
  /** What was noted about products and locations. */
  readonly notes: Buffer;
  /** Dictionary entries since the state before. */
  readonly keys: Buffer;
}

/** The small part of a parser's state. */
export interface PlainParser {
  readonly version: number;
  readonly settings: Pick<ParseSettings, 'today' | 'timezone'> & { readonly archived: readonly number[] };
  readonly headers: readonly string[];
  readonly delimiter: Delimiter;
  readonly utf8: boolean;
  readonly offset: number;
  readonly nextLine: number;
  readonly isComplete: boolean;
  readonly profile: ProfileState;
  readonly personal: PersonalState;
}

/** How many dictionary entries a reader has. */
export function sizesOf({ products, locations, texts }: RowReader): DictionarySizes {
  return { products: products.size, locations: locations.size, texts: texts.size };
}

/** Packs what a parser knows. @param since dictionary entries that earlier states hold */
export function packParser(parser: ParserState, since: DictionarySizes): PackedParser {
  const { settings, layout, profile, utf8, offset, isComplete } = parser;
  const { headers, delimiter, scanner, personal, reader } = layout;
  const plain: PlainParser = {
    version: VERSION,
    settings: { ...settings, archived: [...settings.archived] },
    headers,
    delimiter,
    utf8,
    offset,
    nextLine: scanner.nextLine,
    isComplete,
    profile: profile.state(),
    personal: personal.state(),
  };
  return {
    state: plain,
    notes: packNotes(reader.notes),
    keys: Buffer.concat([
      reader.products.packFrom(since.products),
      reader.locations.packFrom(since.locations),
      reader.texts.packFrom(since.texts),
    ]),
  };
}

/**
 * A parser that goes on where another stood.
 * @param keys of all states up to this one, in order
 * @returns null for the state of another version
 */
export function unpackParser(plain: PlainParser, notes: Buffer, keys: readonly Buffer[]): ParserState | null {
  if (plain.version !== VERSION) return null;
  const { headers, delimiter, utf8, offset, nextLine, isComplete } = plain;
  const settings: ParseSettings = { ...plain.settings, archived: new Set(plain.settings.archived) };
  const layout: Layout = layoutOf(headers, delimiter, settings);
  const { reader } = layout;
  layout.scanner.nextLine = nextLine;
  layout.personal.restore(plain.personal);
  for (const packed of keys) {
    const afterProducts = reader.products.addPacked(packed, 0);
    reader.texts.addPacked(packed, reader.locations.addPacked(packed, afterProducts));
  }
  unpackNotes(notes, sizesOf(reader), reader.notes);
  return { settings, layout, profile: new FileProfile(plain.profile), utf8, offset, isComplete };
}

/** Numbers a product has among the notes: name and category, then its price and that price's day. */
const PRODUCT_BYTES = 4 + 4 + 8 + 4;
const LOCATION_BYTES = 4;

function packNotes({ name, category, price, priceDay, pincode }: CatalogueNotes): Buffer {
  const packed = Buffer.allocUnsafe(PRODUCT_BYTES * name.length + LOCATION_BYTES * pincode.length);
  let at = 0;
  for (let i = 0; i < name.length; i++) {
    at = packed.writeInt32LE(name[i], at);
    at = packed.writeInt32LE(category[i], at);
    at = packed.writeDoubleLE(price[i], at);
    at = packed.writeInt32LE(priceDay[i], at);
  }
  for (const text of pincode) at = packed.writeInt32LE(text, at);
  return packed;
}

function unpackNotes(packed: Buffer, { products, locations }: DictionarySizes, notes: CatalogueNotes): void {
  let at = 0;
  for (let i = 0; i < products; i++, at += PRODUCT_BYTES) {
    notes.name.push(packed.readInt32LE(at));
    notes.category.push(packed.readInt32LE(at + 4));
    notes.price.push(packed.readDoubleLE(at + 8));
    notes.priceDay.push(packed.readInt32LE(at + 16));
  }
  for (let i = 0; i < locations; i++, at += LOCATION_BYTES) notes.pincode.push(packed.readInt32LE(at));
}
