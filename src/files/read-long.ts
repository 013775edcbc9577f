import { totalmem } from 'node:os';
import { TRAITS, type Frequency, type Panel } from '../engine/index.ts';
import { dateText, readDate } from './dates.ts';
import { maxCells, meanCells, observedPeriods, sumCells, type Cells } from './fill-cells.ts';
import { Codes, type ForecastInput, type ReadHooks } from './forecast-input.ts';
import { InputError, UsageError } from './input-error.ts';
import { plainName } from './long-columns.ts';
import { attributesOf, covariatesOf, flagsOf } from './long-signals.ts';
import { readLongTable, type LongTable } from './long-table.ts';
import { guessFrequency, isCoarser, layGrid, monthLabel, type PeriodGrid } from './period-grid.ts';
import { readEvents } from './read-events.ts';
import { checkKnown, defaultHorizon, type ReadOptions } from './read-options.ts';

/** Days by which the end of training may lie after the last sales: nothing may have been sold then. */
const PATIENCE_DAYS: Readonly<Record<Frequency, number>> = { hourly: 7, daily: 7, weekly: 7, monthly: 31 };

/** Cells of a panel beyond which it does not fit into memory beside what is computed from it. */
const BYTES_PER_CELL = 70;
const MAX_CELLS = Math.min(500_000_000, totalmem() / BYTES_PER_CELL);

/**
 * Reads sales with a line per series and period; what the columns mean is told from their names. Rows of one cell
 * add up, a finer file is summed up to the frequency asked for. A series without a row in a period in which others have
 * one sold nothing; leading zeros without a price count as not on sale yet.
 * @throws InputError naming file, line and column; UsageError where the options do not fit the file
 */
export async function readLong(options: ReadOptions, hooks: ReadHooks = {}): Promise<ForecastInput> {
  const table = await readLongTable(options.sales, options.dateOrder, hooks);
  const { grid, lastIndex } = gridOf(table, options);
  const { frequency } = grid;
  const horizon = options.horizon ?? defaultHorizon(frequency);
  const periodCount = lastIndex + 1;
  if (periodCount < 1) throw new UsageError('--train-until is before the first whole period of the sales');
  const kept = keptSeries(table, grid, periodCount, horizon);
  if (kept.count === kept.unborn)
    throw new InputError(`${options.sales[0]}: no series has sales until the end of training`);
  if (kept.count * (periodCount + horizon) > MAX_CELLS)
    throw new InputError(
      `${options.sales[0]}: ${kept.count} series × ${periodCount} periods are too many for this machine's memory; use a coarser --frequency or fewer series`,
    );
  const known = knownNames(table, options.known ?? []);
  const past = cellsOf(table, grid, kept.rowOf, { from: 0, to: periodCount, count: kept.count });
  const ahead = cellsOf(table, grid, kept.rowOf, { from: periodCount, to: periodCount + horizon, count: kept.count });
  const whole = cellsOf(table, grid, kept.rowOf, { from: 0, to: periodCount + horizon, count: kept.count });
  const { sums: sales, negatives } = sumCells(past, table.quantity);
  const price = table.price ? positive(meanCells(past, table.price.values)) : null;
  const firstPeriod = fillGaps(sales, price, past, periodCount, frequency);
  const keys = kept.series.map((s) => table.series[s]);
  const [products, locations] = [new Codes(), new Codes()];
  const product = Int32Array.from(keys, (key) => products.of(key.product));
  const location = Int32Array.from(keys, (key) => locations.of(key.location));
  const shape = { series: kept.series, product, location, periodCount, horizon };
  const flags = table.texts.flatMap((column) =>
    column.varies && known.has(column.name) ? flagsOf(column, table.rows) : [],
  );
  const planned = new Set([...known, ...flags.map(({ name }) => name)]);
  const signals = covariatesOf([...table.numbers, ...flags], { past, ahead, whole }, shape, planned);
  const described = attributesOf(table, signals.constant, shape, known);
  const panel: Panel = {
    frequency,
    startPeriod: grid.start,
    periodCount,
    seriesCount: kept.count,
    sales,
    price,
    promotion: table.promotion ? strength(maxCells(past, table.promotion.values), 0) : null,
    inStock: table.stock ? Uint8Array.from(maxCells(past, table.stock.values), (value) => (value <= 0 ? 0 : 1)) : null,
    product,
    location,
    category: described.category,
    attributes: described.attributes,
    covariates: signals.covariates,
    firstPeriod,
  };
  const { step } = TRAITS[frequency];
  const label = guessFrequency(table.dates) === 'monthly' ? monthLabel(table.dates) : 'first_day';
  const knows = (column: { readonly name: string } | null) => column !== null && known.has(column.name);
  return {
    panel,
    frequency,
    events: options.events === null ? [] : await readEvents(options.events, options.dateOrder),
    horizon,
    seriesNames: keys.map(({ name }) => name),
    skus: table.keyed.product ? keys.map((key) => key.product) : null,
    locations: table.keyed.location ? keys.map((key) => key.location) : null,
    dates: Array.from({ length: periodCount + horizon }, (_, t) => dateText(frequency, grid.start + t * step, label)),
    dayLabels: null,
    known: { price: knows(table.price), promotion: knows(table.promotion) },
    future: {
      price: table.price && knows(table.price) ? positive(meanCells(ahead, table.price.values)) : null,
      promotion:
        table.promotion && knows(table.promotion) ? strength(maxCells(ahead, table.promotion.values), 0) : null,
    },
    notes: [
      ...table.notes,
      ...(negatives > 0 ? [`${negatives} periods with more returned than sold were read as 0`] : []),
      ...repeatedRows(past, isCoarser(frequency, guessFrequency(table.dates) ?? frequency) || table.dates.minutes),
      ...(kept.unborn > 0
        ? [`${kept.unborn} series have rows only after the end of training: forecast from similar series`]
        : []),
      ...(kept.dropped > 0 ? [`${kept.dropped} series without sales until the end of training were left out`] : []),
      ...signals.notes,
      ...described.notes,
    ],
  };
}

/** Units sold in the periods of the horizon, `[seriesCount * horizon]`, read as the history was; NaN where unknown. */
export async function readLongActuals(
  options: ReadOptions,
  input: ForecastInput,
  hooks: ReadHooks = {},
): Promise<Float32Array> {
  const table = await readLongTable(options.sales, options.dateOrder, hooks);
  const { panel, horizon, frequency } = input;
  const { step } = TRAITS[frequency];
  const source = guessFrequency(table.dates) ?? frequency;
  const origin = panel.startPeriod + (panel.periodCount - 1) * step;
  const originHour = frequency === 'hourly' ? origin : frequency === 'monthly' ? NaN : origin * 24;
  const first = Number.isNaN(originHour) ? (readDate(input.dates[panel.periodCount - 1]) as number) : originHour;
  const { grid } = layGrid(frequency, isCoarser(frequency, source) ? source : frequency, first, first);
  const offset = Math.round((panel.startPeriod + panel.periodCount * step - grid.start) / step);
  const names = new Map(input.seriesNames.map((name, row) => [name, row]));
  const rowOf = Int32Array.from(table.series, ({ name }) => names.get(name) ?? -1);
  const span = { from: offset, to: offset + horizon, count: panel.seriesCount };
  const cells = cellsOf(table, grid, rowOf, span);
  const { sums } = sumCells(cells, table.quantity);
  const open = new Uint8Array(horizon);
  for (let cell = 0; cell < sums.length; cell++) if (sums[cell] >= 0) open[cell % horizon] = 1;
  for (let s = 0; s < panel.seriesCount; s++) {
    // A series without any history is not on sale before its first row.
    let listed = panel.firstPeriod[s] < panel.periodCount;
    for (let cell = s * horizon; cell < (s + 1) * horizon; cell++) {
      listed ||= sums[cell] >= 0;
      if (listed && Number.isNaN(sums[cell]) && open[cell % horizon]) sums[cell] = 0;
    }
  }
  return markUnknown(sums, cells, table);
}

/** Files may list a period twice by mistake: whoever reads the note can tell. */
function repeatedRows({ cellOf, size }: Cells, meant: boolean): string[] {
  if (meant) return [];
  const seen = new Uint8Array(size);
  let repeated = 0;
  for (const cell of cellOf) if (cell >= 0 && seen[cell]++ === 1) repeated++;
  return repeated > 0 ? [`${repeated} periods of a series have more than one row; their quantities were added up`] : [];
}

function gridOf(table: LongTable, options: ReadOptions): { grid: PeriodGrid; lastIndex: number } {
  const { hours } = table.dates;
  const guessed = guessFrequency(table.dates);
  if (guessed === null && options.frequency === null)
    throw new InputError(
      `${options.sales[0]}: the dates are too far apart for daily data and are neither weeks nor months, which is all that is understood; --frequency daily, weekly or monthly takes them for that all the same`,
    );
  const source = guessed ?? options.frequency ?? 'daily';
  const frequency = options.frequency ?? source;
  if (isCoarser(source, frequency) && hours.length > 1)
    throw new UsageError(`--frequency ${frequency}: the dates of ${options.sales[0]} are ${source}`);
  let first = Infinity;
  let last = -Infinity;
  // Plans may follow the last sales as rows without a quantity.
  const sold = new Uint8Array(hours.length);
  for (let row = 0; row < table.rows; row++)
    if (table.quantity[row] === table.quantity[row]) sold[table.dateOf[row]] = 1;
  hours.forEach((hour, index) => {
    if (!sold[index]) return;
    first = Math.min(first, hour);
    last = Math.max(last, hour);
  });
  if (first === Infinity) throw new InputError(`${options.sales[0]}: every quantity is empty`);
  if (options.trainUntil !== null) {
    const until = readDate(options.trainUntil);
    if (until === null) throw new UsageError(`--train-until ${options.trainUntil}: expected YYYY-MM-DD`);
    if (until - last > 24 * PATIENCE_DAYS[frequency])
      throw new UsageError(
        `--train-until ${options.trainUntil}: the sales of ${options.sales[0]} end on ${dateText('daily', Math.floor(last / 24))}`,
      );
    // A day given for hourly data means all of its hours.
    last = frequency === 'hourly' && !/[T ]\d/.test(options.trainUntil) ? until + 23 : until;
  }
  if (last < first) throw new UsageError('--train-until is before the first date of the sales');
  return layGrid(frequency, isCoarser(frequency, source) ? source : frequency, first, last);
}

interface KeptSeries {
  /** Series of the table that are kept, and the row of each of the table's series, -1 = left out. */
  readonly series: readonly number[];
  readonly rowOf: Int32Array;
  readonly count: number;
  /** Kept series without a quantity until the end of training. */
  readonly unborn: number;
  readonly dropped: number;
}

const SOLD = 2;
const PLANNED = 1;

/** Series with a quantity until the end of training, and new ones that only have rows in the horizon. */
function keptSeries(table: LongTable, grid: PeriodGrid, periodCount: number, horizon: number): KeptSeries {
  const partOf = Uint8Array.from(table.dates.hours, (hour) => {
    const t = grid.indexOf(hour);
    if (t < 0 || t >= periodCount + horizon) return 0;
    return t < periodCount ? SOLD : PLANNED;
  });
  const state = new Uint8Array(table.series.length);
  for (let row = 0; row < table.rows; row++) {
    const part = partOf[table.dateOf[row]];
    if (part === PLANNED || (part === SOLD && !Number.isNaN(table.quantity[row]))) state[table.seriesOf[row]] |= part;
  }
  const series: number[] = [];
  const rowOf = Int32Array.from(state, (flag, s) => (flag ? series.push(s) - 1 : -1));
  const unborn = state.filter((flag) => flag === PLANNED).length;
  return { series, rowOf, count: series.length, unborn, dropped: table.series.length - series.length };
}

function cellsOf(
  table: LongTable,
  grid: PeriodGrid,
  rowOf: Int32Array,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): Cells {
  const periodOf = Int32Array.from(table.dates.hours, (hour) => {
    const t = grid.indexOf(hour);
    return t >= from && t < to ? t - from : -1;
  });
  const cellOf = new Int32Array(table.rows);
  for (let row = 0; row < table.rows; row++) {
    const period = periodOf[table.dateOf[row]];
    const s = rowOf[table.seriesOf[row]];
    cellOf[row] = period < 0 || s < 0 ? -1 : s * (to - from) + period;
  }
  return { cellOf, size: count * (to - from) };
}

/** Turns missing rows into zeros where the period was observed; returns the first period of each series. */
function fillGaps(
  sales: Float32Array,
  price: Float32Array | null,
  cells: Cells,
  periodCount: number,
  frequency: Frequency,
): Int32Array {
  const hasRow = new Uint8Array(periodCount);
  const rowThere = new Uint8Array(cells.size);
  for (const cell of cells.cellOf) if (cell >= 0) rowThere[cell] = 1;
  for (let cell = 0; cell < sales.length; cell++) if (sales[cell] >= 0) hasRow[cell % periodCount] = 1;
  const observed = observedPeriods(frequency, hasRow);
  return Int32Array.from({ length: sales.length / periodCount }, (_, s) => {
    const from = s * periodCount;
    let listed = 0;
    while (listed < periodCount && !(sales[from + listed] >= 0)) listed++;
    let first = listed;
    while (first < periodCount && !(sales[from + first] > 0) && !(price && price[from + first] > 0)) first++;
    if (first === periodCount) first = listed;
    sales.fill(NaN, from, from + first);
    for (let t = first; t < periodCount; t++)
      if (Number.isNaN(sales[from + t]) && observed[t] && !rowThere[from + t]) sales[from + t] = 0;
    return first;
  });
}

/** An empty quantity is unknown, not zero. */
function markUnknown(sums: Float32Array, cells: Cells, table: LongTable): Float32Array {
  const counted = new Uint8Array(cells.size);
  for (let row = 0; row < table.rows; row++) {
    const cell = cells.cellOf[row];
    if (cell >= 0) counted[cell] |= Number.isNaN(table.quantity[row]) ? 1 : 2;
  }
  for (let cell = 0; cell < sums.length; cell++) if (counted[cell] === 1) sums[cell] = NaN;
  return sums;
}

function positive(values: Float32Array): Float32Array {
  for (let i = 0; i < values.length; i++) if (!(values[i] > 0)) values[i] = NaN;
  return values;
}

/** Promotions as a strength of 0..1; `missing` stands where the file says nothing. */
function strength(values: Float32Array, missing: number): Float32Array {
  let most = 1;
  for (const value of values) if (value > most) most = value;
  for (let i = 0; i < values.length; i++) values[i] = values[i] >= 0 ? values[i] / most : missing;
  return values;
}

/** Names of the columns that are planned ahead, as the table calls them. */
function knownNames(table: LongTable, wanted: readonly string[]): ReadonlySet<string> {
  const names = new Map<string, string>();
  for (const { name } of table.numbers) names.set(name, name);
  for (const { name, rows, varies } of table.texts) if (varies && rows !== null) names.set(name, name);
  if (table.price) names.set('price', table.price.name).set(table.price.name, table.price.name);
  if (table.promotion) names.set('promotion', table.promotion.name).set(table.promotion.name, table.promotion.name);
  // StateHoliday may be written so, as state_holiday or as stateholiday.
  const bare = (name: string) => plainName(name).replaceAll('_', '');
  const spelled = new Map([...names.keys()].map((name) => [bare(name), name]));
  const plain = wanted.map((name) => spelled.get(bare(name)) ?? plainName(name)).filter((name) => name !== 'none');
  checkKnown(plain, [...names.keys()]);
  return new Set(plain.map((name) => names.get(name) as string));
}
