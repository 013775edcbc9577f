import { readCsv } from './csv-file.ts';
import type { CsvRecord } from './csv-record.ts';
import { readDates, type DateOrder, type ReadDates } from './dates.ts';
import { ByteDictionary } from './dictionary.ts';
import type { ReadHooks } from './forecast-input.ts';
import { InputError } from './input-error.ts';
import { columnsOf, type LongColumns, plainName } from './long-columns.ts';

/** A numeric column: a value per row. */
export interface NumberColumn {
  readonly name: string;
  values: Float32Array;
}

/** A text column: a code per series where it never changes within one, else a code per row if there are few. */
export interface TextColumn {
  readonly name: string;
  readonly codes: number[];
  readonly texts: ByteDictionary;
  /** Code per row, -1 = empty; null where there are more than {@link MOST_FLAGS} texts. */
  rows: Int32Array | null;
  /** Whether some series has more than one value. */
  varies: boolean;
}

/** A long file in columns. */
export interface LongTable {
  readonly rows: number;
  readonly series: readonly SeriesKey[];
  /** Per row: its series, index into `dates.hours`, and units, NaN where unknown. */
  readonly seriesOf: Int32Array;
  readonly dateOf: Int32Array;
  readonly quantity: Float32Array;
  readonly dates: ReadDates;
  readonly price: NumberColumn | null;
  readonly promotion: NumberColumn | null;
  readonly stock: NumberColumn | null;
  readonly category: TextColumn | null;
  readonly numbers: readonly NumberColumn[];
  readonly texts: readonly TextColumn[];
  /** Whether products and places are told apart by columns of their own. */
  readonly keyed: { readonly product: boolean; readonly location: boolean };
  /** Which column means what, and which were left out, for the reader. */
  readonly notes: readonly string[];
}

/** What one series is called. */
export interface SeriesKey {
  readonly name: string;
  readonly product: string;
  readonly location: string;
}

/** Rows before the first of them decide whether a column is numeric. */
const SAMPLE_ROWS = 1000;
/** Most texts of a column that changes within series, each of which may become a flag. */
export const MOST_FLAGS = 12;

/** A column taken for numbers holds a text further down: the file is read again. */
class TextAmongNumbers extends Error {
  constructor(readonly column: number) {
    super('a column taken for numbers holds texts');
  }
}

/** Grows with the rows; what is numeric is known after a sample. */
class Table {
  rows = 0;
  capacity = 1 << 16;
  seriesOf = new Int32Array(this.capacity);
  dateOf = new Int32Array(this.capacity);
  readonly numbers = new Map<number, NumberColumn>();
  readonly texts = new Map<number, TextColumn>();
  readonly series: SeriesKey[] = [];
  readonly dateTexts = new ByteDictionary();
  /** File and line on which each date stands first. */
  readonly dateOrigins: string[] = [];
  private readonly seriesTexts = new ByteDictionary();
  private readonly products = new ByteDictionary();
  private readonly locations = new ByteDictionary();
  private readonly pairs = new Map<number, number>();

  constructor(
    readonly columns: LongColumns,
    readonly names: readonly string[],
  ) {}

  seriesIn(record: CsvRecord): number {
    const { series, product, location } = this.columns;
    const own = series >= 0 ? record.codeIn(this.seriesTexts, series) : -1;
    const what = own < 0 && product >= 0 ? record.codeIn(this.products, product) : 0;
    const place = own < 0 && location >= 0 ? record.codeIn(this.locations, location) : 0;
    const key = own >= 0 ? own : what * 2 ** 26 + place;
    let code = this.pairs.get(key);
    if (code === undefined) {
      code = this.series.length;
      this.pairs.set(key, code);
      const parts = [product, location].map((column) => (column >= 0 ? record.text(column) : ''));
      const name = own >= 0 ? record.text(series) : parts.filter((part) => part !== '').join(' / ') || 'all';
      this.series.push({ name, product: parts[0] || (own >= 0 ? name : 'all'), location: parts[1] || 'all' });
    }
    return code;
  }

  grow(): void {
    this.capacity *= 2;
    const seriesOf = new Int32Array(this.capacity);
    seriesOf.set(this.seriesOf);
    this.seriesOf = seriesOf;
    const dateOf = new Int32Array(this.capacity);
    dateOf.set(this.dateOf);
    this.dateOf = dateOf;
    for (const column of this.numbers.values()) {
      const values = new Float32Array(this.capacity);
      values.set(column.values);
      column.values = values;
    }
    for (const column of this.texts.values()) {
      if (column.rows === null) continue;
      const rows = new Int32Array(this.capacity);
      rows.set(column.rows);
      column.rows = rows;
    }
  }
}

/**
 * Reads one or several long files with the same columns.
 * @throws InputError naming file, line and column
 */
export async function readLongTable(
  files: readonly string[],
  order: DateOrder | null,
  hooks: ReadHooks,
): Promise<LongTable> {
  const isText = new Set<number>();
  for (;;)
    try {
      return await readTable(files, order, hooks, isText);
    } catch (error) {
      if (!(error instanceof TextAmongNumbers)) throw error;
      isText.add(error.column);
    }
}

async function readTable(
  files: readonly string[],
  order: DateOrder | null,
  hooks: ReadHooks,
  isText: ReadonlySet<number>,
): Promise<LongTable> {
  let table: Table | null = null;
  let header = '';
  for (const [index, file] of files.entries()) {
    const kinds = (await columnKinds(file)).map((isNumber, at) => isNumber && !isText.has(at));
    await readCsv(
      file,
      {
        onHeader: (names) => {
          if (table && names.join() !== header)
            throw new InputError(`${file}, line 1: the columns differ from those of ${files[0]}`);
          header = names.join();
          table ??= tableOf(file, names, kinds);
        },
        onRecord: (record) => addRow(table as Table, record),
      },
      { ...hooks, onProgress: (share) => hooks.onProgress?.((index + share) / files.length) },
    );
  }
  return finished(table as unknown as Table, files, order);
}

function tableOf(file: string, names: readonly string[], numeric: readonly boolean[]): Table {
  const columns = columnsOf(file, names);
  const table = new Table(columns, names);
  const number = (at: number) =>
    table.numbers.set(at, { name: plainName(names[at]), values: new Float32Array(table.capacity) });
  const text = (at: number) =>
    table.texts.set(at, {
      name: plainName(names[at]),
      codes: [],
      texts: new ByteDictionary(),
      rows: new Int32Array(table.capacity),
      varies: false,
    });
  for (const at of [columns.quantity, columns.price, columns.promotion, columns.stock]) if (at >= 0) number(at);
  if (columns.category >= 0) text(columns.category);
  for (const at of columns.others)
    if (/^(?:unnamed.*)?$/.test(plainName(names[at]))) continue;
    else if (numeric[at]) number(at);
    else text(at);
  return table;
}

function addRow(table: Table, record: CsvRecord): void {
  if (table.rows === table.capacity) table.grow();
  const row = table.rows++;
  const series = table.seriesIn(record);
  const { columns } = table;
  table.seriesOf[row] = series;
  if (record.isEmpty(columns.date)) throw record.error(columns.date, 'the date is missing');
  const date = record.codeIn(table.dateTexts, columns.date);
  if (date === table.dateOrigins.length)
    table.dateOrigins.push(`${record.file}, line ${record.line}, column ${record.names[columns.date]}`);
  table.dateOf[row] = date;
  for (const [at, column] of table.numbers) {
    if (columns.others.includes(at) && record.numberOrText(at) === undefined) throw new TextAmongNumbers(at);
    column.values[row] = record.number(at);
  }
  for (const [at, column] of table.texts) {
    if (column.rows !== null) column.rows[row] = -1;
    if (record.isEmpty(at)) continue;
    const code = record.codeIn(column.texts, at);
    if (column.rows !== null) column.rows[row] = code;
    if (code >= MOST_FLAGS) column.rows = null;
    if (column.codes[series] === undefined) column.codes[series] = code;
    else if (column.codes[series] !== code) column.varies = true;
  }
}

function finished(table: Table, files: readonly string[], order: DateOrder | null): LongTable {
  const { columns, numbers, texts, rows } = table;
  if (rows === 0) throw new InputError(`${files[0]}: there is a header and nothing below it`);
  for (const column of numbers.values()) column.values = column.values.subarray(0, rows);
  const where = (index: number) => table.dateOrigins[index];
  const notes = [meaningOf(columns, table.names)];
  for (const at of columns.others) {
    const column = numbers.get(at);
    if (!column || !countsRows(column.values)) continue;
    numbers.delete(at);
    notes.push(`column ${column.name} numbers the rows and was ignored`);
  }
  return {
    rows,
    series: table.series,
    seriesOf: table.seriesOf,
    dateOf: table.dateOf,
    quantity: (numbers.get(columns.quantity) as NumberColumn).values,
    dates: readDates(table.dateTexts.texts(), where, order),
    price: numbers.get(columns.price) ?? null,
    promotion: numbers.get(columns.promotion) ?? null,
    stock: numbers.get(columns.stock) ?? null,
    category: texts.get(columns.category) ?? null,
    numbers: columns.others.flatMap((at) => numbers.get(at) ?? []),
    texts: columns.others.flatMap((at) => texts.get(at) ?? []),
    keyed: { product: columns.product >= 0, location: columns.location >= 0 },
    notes,
  };
}

/** Says which column is read as what. */
function meaningOf({ others, ...found }: LongColumns, names: readonly string[]): string {
  const read = Object.entries(found).flatMap(([meaning, at]) => (at >= 0 ? `${meaning} = ${names[at]}` : []));
  return (
    'columns ' +
    read.join(', ') +
    (others.length > 0 ? `; further columns: ${others.map((at) => names[at]).join(', ')}` : '')
  );
}

/** In a shorter file rising values may well mean something. */
const FEWEST_NUMBERED = 100;

/** Whether each value is one more than that of the row before. */
function countsRows(values: Float32Array): boolean {
  if (values.length < FEWEST_NUMBERED) return false;
  for (let row = 1; row < values.length; row++) {
    // Past 2^24 the numbers no longer tell neighbours apart.
    const step = values[row] - values[row - 1];
    if (step !== 1 && !(Math.abs(values[row]) >= 2 ** 24 && step >= 0)) return false;
  }
  return true;
}

/** Which columns hold nothing but numbers in the first rows. */
async function columnKinds(file: string): Promise<boolean[]> {
  const numeric: boolean[] = [];
  const enough = new Error('sampled');
  let rows = 0;
  try {
    await readCsv(file, {
      onHeader: (names) => names.forEach(() => numeric.push(true)),
      onRecord: (record) => {
        for (let at = 0; at < numeric.length; at++)
          if (numeric[at] && record.numberOrText(at) === undefined) numeric[at] = false;
        if (++rows === SAMPLE_ROWS) throw enough;
      },
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return numeric;
}
