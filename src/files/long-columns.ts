import { InputError } from './input-error.ts';

/** What the columns of a long file mean; -1 = there is none. */
export interface LongColumns {
  readonly series: number;
  readonly product: number;
  readonly location: number;
  readonly date: number;
  readonly quantity: number;
  readonly price: number;
  readonly promotion: number;
  readonly category: number;
  readonly stock: number;
  /** Everything else; what it is shows in its values. */
  readonly others: readonly number[];
}

const DATES = [
  ...['date', 'ds', 'datetime', 'timestamp', 'time', 'hour', 'day', 'week_end_date', 'week_ending', 'week_start'],
  ...[
    'week',
    'month',
    'period',
    'invoicedate',
    'invoice_date',
    'order_date',
    'sale_date',
    'week_end',
    'week_ending_date',
  ],
  ...[
    'week_start_date',
    'week_start_day',
    'month_end',
    'month_start',
    'year_month',
    'yearmonth',
    'yyyymm',
    'date_time',
  ],
  ...['transaction_date', 'sales_date', 'purchase_date', 'business_date', 'calendar_date', 'created_at', 'datum'],
];

/** Names by which each meaning is known, the most telling first. */
const ALIASES = {
  series: ['series', 'unique_id', 'series_id'],
  product: [
    ...['sku', 'item', 'item_id', 'product', 'product_id', 'product_code', 'sku_id', 'upc', 'upc_id', 'stock_code'],
    ...[
      'stockcode',
      'item_nbr',
      'article',
      'article_id',
      'material',
      'item_code',
      'item_number',
      'itemid',
      'productid',
    ],
    ...['product_sku', 'product_name', 'item_name', 'asin', 'ean', 'gtin', 'plu', 'article_number', 'meal_id'],
  ],
  location: [
    ...['location', 'store', 'store_id', 'shop', 'shop_id', 'site', 'location_id', 'store_nbr', 'outlet', 'plant'],
    ...['storeid', 'store_num', 'store_number', 'store_code', 'store_name', 'outlet_id', 'site_id', 'warehouse'],
    ...['warehouse_id', 'branch', 'branch_id', 'restaurant', 'center_id', 'hub', 'depot'],
  ],
  date: DATES,
  quantity: [
    ...['quantity_sold', 'quantity', 'units', 'unit_sales', 'units_sold', 'sales', 'y', 'demand', 'target', 'qty'],
    ...[
      'sold',
      'volume',
      'qty_sold',
      'sold_qty',
      'sold_units',
      'sales_qty',
      'sales_quantity',
      'sales_units',
      'unit_sold',
    ],
    ...['item_cnt_day', 'item_count', 'quantity_ordered', 'order_quantity', 'order_qty', 'num_orders', 'num_sold'],
    ...['weekly_sales', 'daily_sales', 'monthly_sales', 'orders', 'count'],
  ],
  price: [
    ...['price', 'sell_price', 'unit_price', 'unitprice', 'selling_price', 'sale_price', 'sales_price', 'item_price'],
    ...['retail_price', 'avg_price', 'average_price', 'checkout_price'],
  ],
  promotion: [
    ...['promotion', 'promo', 'onpromotion', 'on_promotion', 'feature', 'display', 'is_promo', 'is_promotion'],
    ...['on_promo', 'promo_flag', 'promotion_flag', 'promoted'],
  ],
  category: [
    ...['category', 'department', 'dept', 'family', 'class', 'category_id', 'dept_id', 'cat_id', 'product_category'],
    ...['category_name', 'item_category', 'item_category_id', 'department_id', 'product_group', 'product_family'],
  ],
  stock: [
    ...['stock', 'on_hand', 'in_stock', 'instock', 'stock_on_hand', 'inventory', 'inventory_level', 'stock_level'],
    ...['is_available', 'available'],
  ],
} as const;

export type Meaning = keyof typeof ALIASES;

/** A name as it is compared: without case, and with every gap and every step of a camel's back an underscore. */
export function plainName(name: string): string {
  return name
    .trim()
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replace(/[\s.-]+/g, '_');
}

const MOST_LISTED = 20;

/** The names in one line; a column per day is the sign of another layout. */
function listed(names: readonly string[]): string {
  if (names.length <= MOST_LISTED) return names.join(', ');
  const hint = names.some((name) => /^d_\d+$/.test(name)) ? '; with columns d_1, d_2, … it takes --layout m5' : '';
  return `${names.slice(0, MOST_LISTED).join(', ')} and ${names.length - MOST_LISTED} more${hint}`;
}

/**
 * Finds the columns by their names.
 * @throws InputError if there is no date or no quantity
 */
export function columnsOf(file: string, names: readonly string[]): LongColumns {
  const plain = names.map(plainName);
  const twice = plain.find((name, index) => name !== '' && plain.indexOf(name) !== index);
  if (twice !== undefined) throw new InputError(`${file}, line 1: there are two columns ${twice}`);
  const taken = new Set<number>();
  const find = (meaning: Meaning): number => {
    for (const alias of ALIASES[meaning]) {
      const at = plain.indexOf(alias);
      if (at < 0 || taken.has(at)) continue;
      taken.add(at);
      return at;
    }
    return -1;
  };
  const found = {
    series: find('series'),
    product: find('product'),
    location: find('location'),
    date: find('date'),
    quantity: find('quantity'),
    price: find('price'),
    promotion: find('promotion'),
    category: find('category'),
    stock: find('stock'),
  };
  for (const meaning of ['date', 'quantity'] as const)
    if (found[meaning] < 0)
      throw new InputError(
        `${file}, line 1: no column is a ${meaning}; name one of them ${ALIASES[meaning].slice(0, 7).join(', ')} (there are ${listed(names)})`,
      );
  const others = names.flatMap((_, index) => (taken.has(index) ? [] : [index]));
  return { ...found, others };
}
