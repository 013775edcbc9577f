import { isUtf8 } from 'node:buffer';
import { RecordScanner, unescapeQuotes } from './record-scanner.ts';

/** Columns a sales file may have. */
export const COLUMNS = [
  'date',
  'sku',
  'location',
  'quantity_sold',
  'price',
  'revenue',
  'on_hand',
  'promotion',
  'name',
  'category',
  'pincode',
] as const;
export type Column = (typeof COLUMNS)[number];

const REQUIRED: readonly Column[] = ['date', 'sku', 'location', 'quantity_sold'];

/** Other headers common exports use, in order of preference where a file has several. */
const ALIASES: Readonly<Record<Column, readonly string[]>> = {
  date: ['day', 'sale_date', 'sales_date', 'order_date', 'transaction_date', 'business_date', 'ds'],
  sku: [
    'product_id',
    'product',
    'item',
    'item_id',
    'item_code',
    'product_code',
    'sku_id',
    'article',
    'stock_code',
    'stockcode',
  ],
  location: [
    'location_id',
    'store',
    'store_id',
    'store_code',
    'place',
    'location_code',
    'shop',
    'branch',
    'outlet',
    'warehouse',
    'dark_store',
  ],
  quantity_sold: [
    'units',
    'qty',
    'sales',
    'quantity',
    'units_sold',
    'unit_sales',
    'qty_sold',
    'sold',
    'sales_quantity',
  ],
  price: ['unit_price', 'selling_price', 'sell_price', 'sales_price'],
  revenue: ['sales_amount', 'amount', 'turnover', 'sales_value', 'total_price', 'net_sales'],
  on_hand: ['stock', 'stock_on_hand', 'inventory', 'on_hand_quantity', 'stock_level', 'closing_stock'],
  promotion: ['promo', 'on_promotion', 'onpromotion', 'is_promotion', 'promo_flag'],
  name: ['product_name', 'item_name', 'sku_name', 'description', 'title'],
  category: ['product_category', 'item_category', 'family', 'department', 'category_name'],
  pincode: ['pin_code', 'postal_code', 'postcode', 'zip', 'zip_code'],
};

/** Delimiters that are recognised. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The delimiter that divides the header into most columns; a comma where none does. */
export function detectDelimiter(bytes: Uint8Array, start: number, end: number): Delimiter {
  let best: Delimiter = ',';
  let most = 1;
  for (const delimiter of DELIMITERS) {
    const scanner = new RecordScanner(delimiter.charCodeAt(0));
    if (scanner.next(bytes, start, end, true) >= 0 && scanner.fieldCount > most) {
      best = delimiter;
      most = scanner.fieldCount;
    }
  }
  return best;
}

/** Texts of the fields of the record a scanner has just read, from UTF-8 or else Latin-1. */
export function fieldTexts(scanner: RecordScanner, bytes: Buffer): string[] {
  const encoding = isUtf8(bytes.subarray(scanner.recordStart, scanner.recordEnd)) ? 'utf8' : 'latin1';
  return Array.from({ length: Math.min(scanner.fieldCount, scanner.starts.length) }, (_, i) => {
    const [start, end] = [scanner.starts[i], scanner.ends[i]];
    const field = scanner.escaped[i] ? unescapeQuotes(bytes, start, end) : bytes.subarray(start, end);
    return field.toString(encoding);
  });
}

/** How the headers of a file were understood. */
export interface HeaderMapping {
  /** Index of each known column in the file; -1 where the file has none. */
  readonly index: Readonly<Record<Column, number>>;
  readonly columnCount: number;
  /** Header as written → column it stands for. */
  readonly mapped: Readonly<Record<string, Column>>;
  readonly ignored: readonly string[];
  readonly missing: readonly Column[];
  /** Known columns that two headers name exactly alike. */
  readonly repeated: readonly Column[];
}

function normalise(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replace(/[\s.-]+/g, '_');
}

/** Understands headers by name, whatever their case: the exact name wins over an alias, an earlier alias over a later. */
export function mapHeader(headers: readonly string[]): HeaderMapping {
  const names = headers.map(normalise);
  const index = Object.fromEntries(COLUMNS.map((column) => [column, -1])) as Record<Column, number>;
  const mapped: Record<string, Column> = {};
  for (const column of COLUMNS) {
    const name = [column, ...ALIASES[column]].find((candidate) => names.includes(candidate));
    if (name === undefined) continue;
    index[column] = names.indexOf(name);
    mapped[headers[index[column]].trim()] = column;
  }
  const used = new Set(Object.values(index));
  return {
    index,
    columnCount: headers.length,
    mapped,
    ignored: headers.filter((_, i) => !used.has(i)).map((header) => header.trim().slice(0, 100)),
    missing: REQUIRED.filter((column) => index[column] < 0),
    repeated: COLUMNS.filter(
      (column) => index[column] >= 0 && names.lastIndexOf(names[index[column]]) !== index[column],
    ),
  };
}
