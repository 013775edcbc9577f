import { civilFromDay } from '../../engine/index.ts';
import { InputError } from '../../files/input-error.ts';
import { dayOfNumber, readM5Calendar, type M5Calendar } from '../../files/m5-calendar.ts';
import { visitM5Prices } from '../../files/m5-prices.ts';
import { readM5Sales, type M5Sales } from '../../files/m5-sales.ts';
import { csvCell } from '../../sales/formats/csv-cell.ts';
import { filesLike, neededFile } from './layout-files.ts';
import type { RetailData, RetailRequest, SalesBlock, SignalRow } from './retail-data.ts';
import { SalesLines } from './sales-lines.ts';

const TIME_ZONES: Readonly<Record<string, string>> = { CA: 'America/Los_Angeles' };
const CENTRAL = 'America/Chicago';
/** Share of the reading that is done once the quantities are there; the rest are prices. */
const SALES_SHARE = 0.45;

/** Prices by week, NaN where there is none. */
interface WeeklyPrices {
  /** `[series * weeks]`. */
  readonly values: Float64Array;
  readonly weeks: number;
  /** Number of the week of each day with sales. */
  readonly weekOf: Int32Array;
}

/** Days `from`..`to - 1` of the sales, all in one month. */
interface MonthSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * Opens the layout of the M5 competition: wide sales (one or several files), weekly prices and calendar. The sales come month
 * by month, product by product, as the stored sales are sorted. A series begins with its first price or, if that comes
 * earlier, its first sale; zeros from there on are sales of nothing.
 * @throws InputError naming file, line and column
 */
export async function openM5({ folder, file, places, signal, onPrepared }: RetailRequest): Promise<RetailData> {
  const calendar = await readM5Calendar(neededFile(folder, 'calendar.csv'));
  const salesFiles = file === null ? salesFilesOf(folder) : [file];
  const priceFiles = filesLike(folder, /^(sell_prices|prices_.*)\.csv$/);
  const sales = await readM5Sales(
    salesFiles,
    Infinity,
    { signal, onProgress: (share) => onPrepared(share * (priceFiles.length ? SALES_SHARE : 1)) },
    (store) => places.takes(store),
  );
  if (sales.first < calendar.numbers[0] || sales.last > calendar.numbers[calendar.numbers.length - 1])
    throw new InputError(`${salesFiles[0]}: calendar.csv does not have all days d_${sales.first} to d_${sales.last}`);
  const prices = priceFiles.length ? await weeklyPrices(priceFiles, sales, calendar, signal, onPrepared) : null;
  const firstDays = firstListedDays(sales, prices);
  return {
    header: 'date,sku,location,quantity_sold,price,category',
    places: sales.stores.names.map((code, store) => {
      const region = sales.states.names[sales.keys.find((key) => key.store === store)?.state ?? 0];
      return { code, name: code, region, timezone: TIME_ZONES[region] ?? CENTRAL };
    }),
    sales: (onRead) => salesByMonth(sales, calendar, prices, firstDays, onRead),
    signals: () => signalsOf(sales, calendar),
    notes: () => [
      ...(prices ? [] : ['no prices: there is no sell_prices.csv or prices_*.csv; series begin with their first sale']),
      ...(sales.negatives > 0 ? [`${sales.negatives} negative quantities were read as 0`] : []),
    ],
  };
}

/** The evaluation's file holds the validation's days too. */
function salesFilesOf(folder: string): string[] {
  for (const name of ['evaluation', 'validation']) {
    const whole = filesLike(folder, new RegExp(`^sales_train_${name}\\.csv$`));
    if (whole.length) return whole.slice(0, 1);
  }
  const files = filesLike(folder, /^sales_.*\.csv$/);
  if (!files.length)
    throw new InputError(`${folder}: there is no file sales_train_evaluation.csv or sales_*.csv in it`);
  return files;
}

async function weeklyPrices(
  files: readonly string[],
  sales: M5Sales,
  calendar: M5Calendar,
  signal: AbortSignal,
  onPrepared: (share: number) => void,
): Promise<WeeklyPrices> {
  const numbers = new Map<number, number>();
  const weekOf = new Int32Array(sales.last - sales.first + 1);
  for (let t = 0; t < weekOf.length; t++) {
    const week = calendar.weeks[sales.first + t - calendar.numbers[0]];
    if (!numbers.has(week)) numbers.set(week, numbers.size);
    weekOf[t] = numbers.get(week) as number;
  }
  const weeks = numbers.size;
  const values = new Float64Array(sales.ids.length * weeks).fill(NaN);
  await visitM5Prices(
    files,
    sales,
    (series, week, price) => {
      const number = numbers.get(week);
      if (number !== undefined) values[series * weeks + number] = price;
    },
    { signal, onProgress: (share) => onPrepared(SALES_SHARE + (1 - SALES_SHARE) * share) },
  );
  return { values, weeks, weekOf };
}

/** First day of each series with a price or a sale; the number of days where there is neither. */
function firstListedDays({ units, ids }: M5Sales, prices: WeeklyPrices | null): Int32Array {
  const days = units.length / Math.max(1, ids.length);
  return Int32Array.from(ids, (_, s) => {
    let first = 0;
    while (first < days && !(units[s * days + first] > 0) && !(prices && priceOn(prices, s, first) >= 0)) first++;
    return first;
  });
}

function priceOn({ values, weeks, weekOf }: WeeklyPrices, series: number, t: number): number {
  return values[series * weeks + weekOf[t]];
}

async function* salesByMonth(
  sales: M5Sales,
  calendar: M5Calendar,
  prices: WeeklyPrices | null,
  firstDays: Int32Array,
  onRead: (share: number) => void,
): AsyncGenerator<SalesBlock> {
  const { keys, units, items, stores, departments } = sales;
  const days = sales.last - sales.first + 1;
  const startDay = dayOfNumber(calendar, sales.first);
  const order = Array.from(keys.keys()).sort((a, b) => keys[a].item - keys[b].item || keys[a].store - keys[b].store);
  const texts = keys.map(({ item, store }) =>
    Buffer.from(`${csvCell(items.names[item])},${csvCell(stores.names[store])},`),
  );
  const rests = new Map<number, Uint8Array>();
  const priceText = (price: number) => (price >= 0 ? String(price) : '');
  const restOf = (price: number) => {
    const rest = rests.get(price) ?? Buffer.from(`,${priceText(price)},\n`);
    rests.set(price, rest);
    return rest;
  };
  const lines = new SalesLines();
  for (const { from, to } of monthSpans(startDay, days)) {
    let named = -1;
    for (const s of order) {
      let price = NaN;
      let rest = restOf(price);
      for (let t = Math.max(from, firstDays[s]); t < to; t++) {
        const quantity = units[s * days + t];
        if (Number.isNaN(quantity)) continue;
        const now = prices ? priceOn(prices, s, t) : NaN;
        if (now !== price && !(Number.isNaN(now) && Number.isNaN(price))) rest = restOf((price = now));
        if (keys[s].item === named) lines.add(startDay + t, texts[s], quantity, rest);
        else {
          // Once a month says what a product is; more would be bytes for nothing.
          const category = csvCell(departments.names[keys[s].department]);
          lines.add(startDay + t, texts[s], quantity, Buffer.from(`,${priceText(price)},${category}\n`));
          named = keys[s].item;
        }
      }
      yield* lines.take();
    }
    onRead(to / days);
  }
  yield* lines.finish();
}

function monthSpans(startDay: number, days: number): MonthSpan[] {
  const spans: { from: number; to: number }[] = [];
  for (let t = 0; t < days; t++) {
    if (t === 0 || civilFromDay(startDay + t).day === 1) spans.push({ from: t, to: t + 1 });
    else spans[spans.length - 1].to = t + 1;
  }
  return spans;
}

/** Events of the calendar everywhere, and the days on which a state pays out food stamps as events of its stores. */
async function* signalsOf(sales: M5Sales, calendar: M5Calendar): AsyncGenerator<readonly SignalRow[]> {
  yield calendar.events.flatMap((names, index) =>
    names.map((name): SignalRow => ({ signal: 'event', day: calendar.days[index], name, kind: 'event' })),
  );
  for (const [store, location] of sales.stores.names.entries()) {
    const key = sales.keys.find((candidate) => candidate.store === store);
    const flags = key && calendar.snap.get(sales.states.names[key.state]);
    yield (flags ?? []).flatMap((flag, index): SignalRow[] =>
      flag > 0 ? [{ signal: 'event', day: calendar.days[index], location, value: 1 }] : [],
    );
  }
}
