import { csvBlocks } from '../../files/csv-file.ts';
import type { CsvRecord } from '../../files/csv-record.ts';
import { readDate } from '../../files/dates.ts';
import { ByteDictionary } from '../../files/dictionary.ts';
import { csvCell } from '../../sales/formats/csv-cell.ts';
import { columnsOf, neededFile, optionalFile } from './layout-files.ts';
import type { RetailData, RetailRequest, SalesBlock, SignalRow } from './retail-data.ts';
import { SalesLines } from './sales-lines.ts';

/** The one product: the layout knows the turnover of a store, not of what. */
const SKU = 'ALL';
const NAME = 'Everything the store sells';
const HOLIDAYS: Readonly<Record<string, string>> = { a: 'Public holiday', b: 'Easter', c: 'Christmas' };
/** Schools that are closed change a store's day, but less than a holiday does. */
const SCHOOL_HOLIDAY = 0.5;

/** Where the columns stand. */
interface Columns {
  readonly store: number;
  readonly date: number;
  readonly sales: number;
  readonly customers: number;
  readonly open: number;
  readonly promotion: number;
  readonly state: number;
  readonly school: number;
}

/** Letters of state holidays with how many stores have them, by day. */
type Holidays = Map<number, { stores: number; letters: Map<string, number> }>;

/**
 * Opens the layout of Rossmann's store sales: a row per store and day. The rows are passed on as they come.
 * @throws InputError naming file, line and column
 */
export async function openRossmann(request: RetailRequest): Promise<RetailData> {
  const file = request.file ?? neededFile(request.folder, 'train.csv');
  const holidays: Holidays = new Map();
  let closed = 0;
  return {
    header: 'date,sku,location,quantity_sold,revenue,promotion,name',
    places: [],
    sales: (onRead) => salesOf(file, request, holidays, () => closed++, onRead),
    signals: () => signalsOf(file, request, holidays),
    notes: () => [
      ...(closed ? [`${closed} days of stores that were closed are left out`] : []),
      ...(optionalFile(request.folder, 'store.csv')
        ? ['store.csv is not loaded: what it tells of stores has no counterpart']
        : []),
    ],
  };
}

/** Reads the file block by block, gives the rows of wanted stores to `onRow` and yields what that `made` of a block. */
async function* rowsOf<T>(
  file: string,
  { places, signal }: RetailRequest,
  onRow: (record: CsvRecord, at: Columns, day: number, store: number) => void,
  made: () => T,
  onRead?: (share: number) => void,
): AsyncGenerator<T> {
  const [dates, stores] = [new ByteDictionary(), new ByteDictionary()];
  const days: number[] = [];
  const isTaken: boolean[] = [];
  let at: Columns;
  yield* csvBlocks(
    file,
    {
      onHeader: (names) => {
        at = columnsOf(
          file,
          names,
          { store: ['store'], date: ['date'], sales: ['sales'], open: ['open'], promotion: ['promo'] },
          { customers: ['customers'], state: ['stateholiday'], school: ['schoolholiday'] },
        );
      },
      onRecord: (record) => {
        const store = record.codeIn(stores, at.store);
        isTaken[store] ??= places.takes(record.text(at.store));
        if (!isTaken[store]) return;
        const date = record.codeIn(dates, at.date);
        if (days[date] === undefined) {
          const hour = readDate(record.text(at.date));
          if (hour === null) throw record.error(at.date, `"${record.text(at.date)}" is not a date; write YYYY-MM-DD`);
          days[date] = Math.floor(hour / 24);
        }
        onRow(record, at, days[date], store);
      },
    },
    made,
    { signal, onProgress: onRead },
  );
}

async function* salesOf(
  file: string,
  request: RetailRequest,
  holidays: Holidays,
  onClosed: () => void,
  onRead: (share: number) => void,
): AsyncGenerator<SalesBlock> {
  const lines = new SalesLines();
  const keys: Uint8Array[] = [];
  const onRow = (record: CsvRecord, at: Columns, day: number, store: number) => {
    const seen = holidays.get(day) ?? { stores: 0, letters: new Map<string, number>() };
    holidays.set(day, seen);
    seen.stores++;
    const letter = letterOf(record, at);
    if (letter) seen.letters.set(letter, (seen.letters.get(letter) ?? 0) + 1);
    if (record.number(at.open) === 0) return onClosed();
    const turnover = record.number(at.sales);
    if (!(turnover >= 0)) throw record.error(at.sales, 'the turnover is missing or below zero');
    keys[store] ??= Buffer.from(`${SKU},${csvCell(record.text(at.store))},`);
    const promotion = record.number(at.promotion) > 0 ? 1 : 0;
    lines.add(day, keys[store], turnover, Buffer.from(`,${turnover},${promotion},${NAME}\n`));
  };
  for await (const blocks of rowsOf(file, request, onRow, () => lines.take(), onRead)) yield* blocks;
  yield* lines.finish();
}

/** Letter of the state holiday of a row; empty where it is none. */
function letterOf(record: CsvRecord, at: Columns): string {
  if (at.state < 0) return '';
  const letter = record.text(at.state);
  return letter in HOLIDAYS ? letter : '';
}

/** Holidays of all stores for the calendar, those of some for these, and each store's customers as its traffic. */
async function* signalsOf(
  file: string,
  request: RetailRequest,
  holidays: Holidays,
): AsyncGenerator<readonly SignalRow[]> {
  const everywhere = new Map<number, SignalRow>();
  for (const [day, { stores, letters }] of holidays)
    for (const [letter, having] of letters)
      if (having === stores) everywhere.set(day, { signal: 'event', day, name: HOLIDAYS[letter], kind: 'holiday' });
  yield [...everywhere.values()];
  let rows: SignalRow[] = [];
  const onRow = (record: CsvRecord, at: Columns, day: number) => {
    const location = record.text(at.store);
    const isSchool = at.school >= 0 && record.number(at.school) > 0;
    const isOwn = letterOf(record, at) !== '' && !everywhere.has(day);
    if (isOwn || isSchool) rows.push({ signal: 'event', day, location, value: isOwn ? 1 : SCHOOL_HOLIDAY });
    const customers = at.customers < 0 ? NaN : record.number(at.customers);
    if (record.number(at.open) !== 0 && customers >= 0)
      rows.push({ signal: 'traffic', day, location, value: customers });
  };
  const made = () => {
    const some = rows;
    rows = [];
    return some;
  };
  yield* rowsOf(file, request, onRow, made);
}
