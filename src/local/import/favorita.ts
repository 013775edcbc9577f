import { csvBlocks, readCsv } from '../../files/csv-file.ts';
import type { CsvRecord } from '../../files/csv-record.ts';
import { readDate } from '../../files/dates.ts';
import { ByteDictionary } from '../../files/dictionary.ts';
import { csvCell } from '../../sales/formats/csv-cell.ts';
import { columnsOf, neededFile, optionalFile } from './layout-files.ts';
import type { RetailData, RetailPlace, RetailRequest, SalesBlock, SignalRow } from './retail-data.ts';
import { SalesLines } from './sales-lines.ts';

const TIME_ZONE = 'America/Guayaquil';
/** Kinds of days that are no special ones: work made up for a bridge, and holidays moved to another day. */
const WORK_DAY = 'work day';

/** What the layout's other files tell. */
interface Surroundings {
  /** Family by item. */
  readonly families: ReadonlyMap<string, string>;
  readonly places: readonly RetailPlace[];
}

/** What was noticed on the way. */
interface Noticed {
  negatives: number;
}

/**
 * Opens the layout of Corporación Favorita's sales: a row per day, store and item (or family), with its promotion flag. The
 * rows are passed on as they come.
 * @throws InputError naming file, line and column
 */
export async function openFavorita(request: RetailRequest): Promise<RetailData> {
  const { folder } = request;
  const train = request.file ?? neededFile(folder, 'train.csv');
  const surroundings = { families: await familiesOf(folder), places: await placesOf(folder) };
  const noticed: Noticed = { negatives: 0 };
  return {
    header: 'date,sku,location,quantity_sold,promotion,category',
    places: surroundings.places.filter(({ code }) => request.places.takes(code)),
    sales: (onRead) => salesOf(train, request, surroundings, noticed, onRead),
    signals: () => signalsOf(request, surroundings.places),
    notes: () => [
      ...(noticed.negatives ? [`${noticed.negatives} rows with more returned than sold count as 0 units`] : []),
      ...(optionalFile(folder, 'oil.csv') ? ['oil.csv is not loaded: prices of oil are no signal of places'] : []),
    ],
  };
}

async function* salesOf(
  file: string,
  { places, signal }: RetailRequest,
  { families }: Surroundings,
  noticed: Noticed,
  onRead: (share: number) => void,
): AsyncGenerator<SalesBlock> {
  const [dates, items, stores] = [new ByteDictionary(), new ByteDictionary(), new ByteDictionary()];
  const days: number[] = [];
  const isTaken: boolean[] = [];
  /** Bytes of item and store, by store and item. */
  const keys: Uint8Array[][] = [];
  const category: string[] = [];
  /** The month in which an item's category was last told. */
  const told: number[] = [];
  const plain = ['', '0', '1'].map((promotion) => Buffer.from(`,${promotion},\n`));
  const lines = new SalesLines();
  let at = { date: -1, store: -1, item: -1, units: -1, promotion: -1 };
  const onRecord = (record: CsvRecord) => {
    const store = record.codeIn(stores, at.store);
    isTaken[store] ??= places.takes(record.text(at.store));
    if (!isTaken[store]) return;
    const date = record.codeIn(dates, at.date);
    const day = (days[date] ??= dayIn(record, at.date));
    const item = record.codeIn(items, at.item);
    const key = ((keys[store] ??= [])[item] ??= Buffer.from(
      `${csvCell(record.text(at.item))},${csvCell(record.text(at.store))},`,
    ));
    let units = record.number(at.units);
    if (Number.isNaN(units)) throw record.error(at.units, 'the quantity is missing');
    if (units < 0) {
      noticed.negatives++;
      units = 0;
    }
    const promotion = at.promotion < 0 ? NaN : record.number(at.promotion);
    const state = Number.isNaN(promotion) ? 0 : promotion > 0 ? 2 : 1;
    const month = Math.floor(day / 30);
    if (told[item] === month) return lines.add(day, key, units, plain[state]);
    told[item] = month;
    category[item] ??= csvCell(families.get(record.text(at.item)) ?? '');
    lines.add(day, key, units, Buffer.from(`,${['', '0', '1'][state]},${category[item]}\n`));
  };
  const onHeader = (names: string[]) => {
    at = columnsOf(
      file,
      names,
      { date: ['date'], store: ['store_nbr'], item: ['item_nbr', 'family'], units: ['unit_sales', 'sales'] },
      { promotion: ['onpromotion'] },
    );
  };
  const visitor = { onHeader, onRecord };
  const hooks = { signal, onProgress: onRead };
  for await (const blocks of csvBlocks(file, visitor, () => lines.take(), hooks)) yield* blocks;
  yield* lines.finish();
}

function dayIn(record: CsvRecord, field: number): number {
  const hour = readDate(record.text(field));
  if (hour === null) throw record.error(field, `"${record.text(field)}" is not a date; write YYYY-MM-DD`);
  return Math.floor(hour / 24);
}

async function familiesOf(folder: string): Promise<Map<string, string>> {
  const families = new Map<string, string>();
  const file = optionalFile(folder, 'items.csv');
  if (file === null) return families;
  let at = { item: -1, family: -1 };
  await readCsv(file, {
    onHeader: (names) => (at = columnsOf(file, names, { item: ['item_nbr'], family: ['family'] })),
    onRecord: (record) => families.set(record.text(at.item), record.text(at.family)),
  });
  return families;
}

async function placesOf(folder: string): Promise<RetailPlace[]> {
  const places: RetailPlace[] = [];
  const file = optionalFile(folder, 'stores.csv');
  if (file === null) return places;
  let at = { store: -1, city: -1, state: -1 };
  await readCsv(file, {
    onHeader: (names) => (at = columnsOf(file, names, { store: ['store_nbr'], city: ['city'], state: ['state'] })),
    onRecord: (record) => {
      const [code, city, region] = [record.text(at.store), record.text(at.city), record.text(at.state)];
      places.push({ code, name: `Store ${code}, ${city}`, city, region, timezone: TIME_ZONE });
    },
  });
  return places;
}

async function* signalsOf(
  request: RetailRequest,
  places: readonly RetailPlace[],
): AsyncGenerator<readonly SignalRow[]> {
  const wanted = places.filter(({ code }) => request.places.takes(code));
  const holidays = optionalFile(request.folder, 'holidays_events.csv');
  if (holidays !== null) yield await holidaysOf(holidays, wanted);
  const transactions = optionalFile(request.folder, 'transactions.csv');
  if (transactions !== null) yield* trafficOf(transactions, request);
}

/** National days for everybody, those of a state or city for its stores. */
async function holidaysOf(file: string, places: readonly RetailPlace[]): Promise<SignalRow[]> {
  const rows: SignalRow[] = [];
  let at = { date: -1, type: -1, locale: -1, place: -1, description: -1, transferred: -1 };
  await readCsv(file, {
    onHeader: (names) => {
      at = columnsOf(
        file,
        names,
        { date: ['date'], type: ['type'], locale: ['locale'], place: ['locale_name'], description: ['description'] },
        { transferred: ['transferred'] },
      );
    },
    onRecord: (record) => {
      const kind = record.text(at.type).toLowerCase();
      const isMoved = at.transferred >= 0 && record.number(at.transferred) > 0;
      if (kind === WORK_DAY || isMoved) return;
      const day = dayIn(record, at.date);
      const name = record.text(at.description);
      const where = record.text(at.place);
      if (record.text(at.locale) === 'National') rows.push({ signal: 'event', day, name, kind });
      else
        for (const { code, city, region } of places)
          if (city === where || region === where) rows.push({ signal: 'event', day, location: code, value: 1 });
    },
  });
  return rows;
}

async function* trafficOf(file: string, { places, signal }: RetailRequest): AsyncGenerator<SignalRow[]> {
  let rows: SignalRow[] = [];
  let at = { date: -1, store: -1, transactions: -1 };
  const visitor = {
    onHeader: (names: string[]) =>
      void (at = columnsOf(file, names, {
        date: ['date'],
        store: ['store_nbr'],
        transactions: ['transactions'],
      })),
    onRecord: (record: CsvRecord) => {
      const location = record.text(at.store);
      const value = record.number(at.transactions);
      if (value >= 0 && places.takes(location))
        rows.push({ signal: 'traffic', day: dayIn(record, at.date), location, value });
    },
  };
  const made = () => {
    const some = rows;
    rows = [];
    return some;
  };
  yield* csvBlocks(file, visitor, made, { signal });
}
