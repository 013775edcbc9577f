import type { CalendarEvent, Covariate, Panel } from '../engine/index.ts';
import { type ForecastInput, type ReadHooks } from './forecast-input.ts';
import { dateText, readDate } from './dates.ts';
import { InputError, UsageError } from './input-error.ts';
import { dayOfNumber, readM5Calendar, type M5Calendar } from './m5-calendar.ts';
import { readM5Prices } from './m5-prices.ts';
import { readM5Sales, type M5Sales } from './m5-sales.ts';
import { readEvents } from './read-events.ts';
import { checkKnown, type ReadOptions } from './read-options.ts';

const DEFAULT_HORIZON = 28;

/**
 * Reads daily sales in the wide layout of the M5 competition: one line per series with the columns id, item_id, dept_id,
 * cat_id, store_id, state_id and d_1, d_2, …; with prices per week and a calendar of events and SNAP days if given.
 * What stands after the last day trained on stays out of the sales; prices, SNAP days and events of the horizon are
 * plans and stay in. Zeros before a series' first sale count as not on sale.
 * @throws InputError naming file, line and column; UsageError where the options do not fit the files
 */
export async function readM5(options: ReadOptions, hooks: ReadHooks = {}): Promise<ForecastInput> {
  if (options.frequency !== null && options.frequency !== 'daily')
    throw new UsageError('--layout m5 holds daily sales; --frequency must be daily');
  if (options.prices.length > 0 && options.calendar === null)
    throw new UsageError('--prices needs --calendar, which says which days a price week has');
  const horizon = options.horizon ?? DEFAULT_HORIZON;
  const calendar = options.calendar === null ? null : await readM5Calendar(options.calendar);
  const until = options.trainUntil === null ? Infinity : numberOfDay(options.trainUntil, calendar);
  const sales = await readM5Sales(options.sales, until, part(hooks, 0, options.prices.length > 0 ? 0.6 : 1));
  if (until !== Infinity && sales.last < until)
    throw new UsageError(`--train-until ${options.trainUntil}: the sales end with d_${sales.last}`);
  const prices =
    calendar && options.prices.length > 0
      ? await readM5Prices(options.prices, sales, calendar, horizon, part(hooks, 0.6, 1))
      : null;
  checkKnown(
    (options.known ?? []).map((name) => name.toLowerCase()),
    ['price', 'snap', 'none'],
  );
  const panel = panelOf(sales, prices?.past ?? null, calendar, horizon);
  const count = sales.last - sales.first + 1 + horizon;
  const span = Array.from({ length: count }, (_, t) => sales.first + t);
  const events = calendar ? eventsOf(calendar) : [];
  return {
    panel,
    frequency: 'daily',
    events: options.events === null ? events : [...events, ...(await readEvents(options.events, options.dateOrder))],
    horizon,
    seriesNames: sales.ids,
    skus: sales.keys.map(({ item }) => sales.items.names[item]),
    locations: sales.keys.map(({ store }) => sales.stores.names[store]),
    dates: span.map((number) => dateText('daily', dayOfNumber(calendar, number))),
    dayLabels: span.map((number) => `d_${number}`),
    known: {
      price:
        prices !== null && (options.known === null || options.known.some((name) => name.toLowerCase() === 'price')),
      promotion: false,
    },
    future: { price: prices?.ahead ?? null, promotion: null },
    notes: notesOf(panel, calendar, sales),
  };
}

/** Units sold on the days after the last one trained on, `[seriesCount * horizon]`; NaN where the file has none. */
export async function readM5Actuals(
  files: readonly string[],
  input: ForecastInput,
  hooks: ReadHooks = {},
): Promise<Float32Array> {
  const { panel, horizon } = input;
  const actual = new Float32Array(panel.seriesCount * horizon).fill(NaN);
  const firstAhead = Number(input.dayLabels?.[panel.periodCount].slice(2));
  const sales = await readM5Sales(files, firstAhead + horizon - 1, hooks);
  const rowOf = new Map(input.seriesNames.map((name, row) => [bareName(name), row]));
  const days = sales.last - sales.first + 1;
  sales.ids.forEach((id, s) => {
    const row = rowOf.get(bareName(id));
    if (row === undefined) return;
    for (let h = 0; h < horizon; h++) {
      const t = firstAhead + h - sales.first;
      if (t >= 0 && t < days) actual[row * horizon + h] = sales.units[s * days + t];
    }
  });
  return actual;
}

/** The same series ends in _validation in one file of the competition and in _evaluation in the other. */
function bareName(id: string): string {
  return id.replace(/_(validation|evaluation)$/, '');
}

function numberOfDay(text: string, calendar: M5Calendar | null): number {
  const labelled = /^d_(\d+)$/.exec(text);
  if (labelled) return Number(labelled[1]);
  const hour = readDate(text);
  if (hour === null) throw new UsageError(`--train-until ${text}: expected YYYY-MM-DD or d_N`);
  return hour / 24 - dayOfNumber(calendar, 0);
}

function part(hooks: ReadHooks, from: number, to: number): ReadHooks {
  return { ...hooks, onProgress: (share) => hooks.onProgress?.(from + (to - from) * share) };
}

function panelOf(sales: M5Sales, price: Float32Array | null, calendar: M5Calendar | null, horizon: number): Panel {
  const seriesCount = sales.ids.length;
  const periodCount = sales.last - sales.first + 1;
  if (seriesCount === 0) throw new InputError('There is no series in the sales');
  const firstPeriod = new Int32Array(seriesCount);
  for (let s = 0; s < seriesCount; s++) firstPeriod[s] = listing(sales.units, price, s * periodCount, periodCount);
  const codes = (of: (key: M5Sales['keys'][number]) => number) => Int32Array.from(sales.keys, of);
  return {
    frequency: 'daily',
    startPeriod: dayOfNumber(calendar, sales.first),
    periodCount,
    seriesCount,
    sales: sales.units,
    price,
    promotion: null,
    inStock: null,
    product: codes(({ item }) => item),
    location: codes(({ store }) => store),
    category: codes(({ department }) => department),
    attributes: [
      { name: 'cat', of: 'product', codes: codes(({ category }) => category) },
      { name: 'state', of: 'place', codes: codes(({ state }) => state) },
    ],
    covariates: calendar && calendar.snap.size > 0 ? [snapOf(calendar, sales, periodCount + horizon)] : [],
    firstPeriod,
  };
}

/** First sale or, for what never sold, first price; what stands before it becomes NaN. */
function listing(units: Float32Array, price: Float32Array | null, from: number, length: number): number {
  let first = 0;
  while (first < length && !(units[from + first] > 0)) first++;
  if (first === length && price) {
    first = 0;
    while (first < length && Number.isNaN(price[from + first])) first++;
  }
  units.fill(NaN, from, from + first);
  return first;
}

/** Days on which food stamps are paid out, one row per state. */
function snapOf(calendar: M5Calendar, sales: M5Sales, stride: number): Covariate {
  const { names } = sales.states;
  const values = new Float32Array(names.length * stride).fill(NaN);
  names.forEach((state, row) => {
    const flags = calendar.snap.get(state);
    for (let t = 0; flags && t < stride; t++) {
      const flag = flags[sales.first + t - calendar.numbers[0]];
      if (flag !== undefined) values[row * stride + t] = flag;
    }
  });
  return { name: 'snap', known: true, rowOf: Int32Array.from(sales.keys, ({ state }) => state), values, stride };
}

function eventsOf(calendar: M5Calendar): CalendarEvent[] {
  return calendar.events.flatMap((names, index) => names.map((name) => ({ day: calendar.days[index], name })));
}

function notesOf(panel: Panel, calendar: M5Calendar | null, sales: M5Sales): string[] {
  const unsold = panel.firstPeriod.filter((first) => first === panel.periodCount).length;
  return [
    ...(calendar ? [] : ['no --calendar: d_1 is taken to be 2011-01-29, without events and SNAP days']),
    ...(unsold > 0 ? [`${unsold} series have neither a sale nor a price before the end of training`] : []),
    ...(sales.negatives > 0 ? [`${sales.negatives} negative quantities were read as 0`] : []),
  ];
}
