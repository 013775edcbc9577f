import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../../files/input-error.ts';
import type { DateOrder } from '../../files/dates.ts';
import { LAYOUTS, type LayoutName } from './layouts.ts';

/** Largest file sent unless stated: what a server takes by default. */
const MEGABYTES = 4096;

export const USAGE = `Usage: npm run import -- --layout LAYOUT --data FOLDER [options]

Loads retail sales in a public layout into a running Shelfcast. All files may be plain CSV or CSV.gz.

  --layout m5             sales_train_evaluation.csv (or _validation, or sales_*.csv), calendar.csv and, for prices,
                          sell_prices.csv or prices_*.csv. Days before a product's release (no price yet, no sale) are left
                          out; zeros from then on are kept. Events go to the calendar, SNAP days to the stores' own events.
  --layout favorita       train.csv, and where they are there items.csv (family = category), stores.csv (city, state),
                          holidays_events.csv (national days to the calendar, others to the stores of the state or city) and
                          transactions.csv (traffic). Negative unit_sales, more returned than sold, count as 0.
  --layout rossmann       train.csv: the turnover of each store as the quantity and revenue of one product, ALL. Days on
                          which a store is closed are left out. Customers become traffic, holidays events.
  --layout online-retail  invoice lines as CSV or XLSX, summed to product × country × day. A cancellation (invoice C…) is
                          netted against the customer's latest earlier purchases of the product, and dropped where there are
                          none. Other negative quantities, lines without a price and codes that are no products (postage,
                          fees, adjustments: fewer than four digits) are left out; an
                          invoice that several files or sheets have counts once. Customers are never sent.

  --data FOLDER|FILE      folder with these files, or the sales file among them
  --url URL               a running Shelfcast; http://localhost:PORT if absent
  --email ADDRESS         who signs in, with the password in ADMIN_PASSWORD; ADMIN_EMAIL if absent, else, on this machine,
                          the administrator that npm start has made
  --places A,B            these stores or countries only
  --date-order dmy|mdy    online-retail: what 03/04/2024 means, where the file leaves it open
  --no-signals            sales alone, without events and traffic
  --max-megabytes N       largest upload the server takes (${MEGABYTES})
  --dry-run               read everything, tell what would be sent, send nothing
  --out FILE.csv          write the sales to a file instead of sending them
  --help                  show this text

The same data again changes nothing. Exit code 1: something was not loaded or is held; 2: the input cannot be read.`;

/** What the command was asked to do. */
export interface ImportArguments {
  readonly layout: LayoutName;
  readonly data: string;
  /** Null = this machine. */
  readonly url: string | null;
  readonly email: string | null;
  /** Null = all. */
  readonly places: ReadonlySet<string> | null;
  readonly dateOrder: DateOrder | null;
  readonly signals: boolean;
  readonly mostMegabytes: number;
  readonly dryRun: boolean;
  readonly out: string | null;
}

/**
 * Reads the command line.
 * @param from folder that relative paths start at
 * @throws UsageError
 */
export function parseImportArguments(args: string[], from: string): ImportArguments | 'help' {
  const values = parsed(args);
  if (values.help || args.length === 0) return 'help';
  const layout = LAYOUTS.find((name) => name === values.layout);
  if (!layout) throw new UsageError(`--layout ${values.layout ?? 'is missing'}: expected ${LAYOUTS.join(', ')}`);
  if (values.data === undefined) throw new UsageError('--data is missing');
  const places = values.places?.split(',').flatMap((place) => place.trim() || []);
  if (places?.length === 0) throw new UsageError('--places names none');
  const order = values['date-order'];
  if (order !== undefined && order !== 'dmy' && order !== 'mdy')
    throw new UsageError(`--date-order ${order}: expected dmy or mdy`);
  const mostMegabytes = Number(values['max-megabytes'] ?? MEGABYTES);
  if (!(mostMegabytes >= 1 && mostMegabytes <= 1_000_000))
    throw new UsageError(`--max-megabytes ${values['max-megabytes']}: expected a number from 1 to 1000000`);
  if (values.url !== undefined && !(/^https?:/.test(values.url) && URL.canParse(values.url)))
    throw new UsageError(`--url ${values.url}: expected an address such as http://localhost:3000`);
  return {
    layout,
    data: resolve(from, values.data),
    url: values.url?.replace(/\/+$/, '') ?? null,
    email: values.email ?? null,
    places: places ? new Set(places) : null,
    dateOrder: order ?? null,
    signals: !values['no-signals'],
    mostMegabytes,
    dryRun: values['dry-run'] ?? false,
    out: values.out === undefined ? null : resolve(from, values.out),
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        layout: text,
        data: text,
        url: text,
        email: text,
        places: text,
        'date-order': text,
        'no-signals': flag,
        'max-megabytes': text,
        'dry-run': flag,
        out: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
