import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { csvBlocks } from '../../files/csv-file.ts';
import type { CsvRecord } from '../../files/csv-record.ts';
import { InputError } from '../../files/input-error.ts';
import { UnreadableFileError } from '../../sales/csv/file-kind.ts';
import { openArchive } from '../../sales/formats/xlsx/archive.ts';
import { sheetRows, type Cell } from '../../sales/formats/xlsx/sheet-rows.ts';
import { readWorkbook } from '../../sales/formats/xlsx/workbook.ts';
import { dayOfSerial } from '../../sales/formats/xlsx/xlsx-source.ts';
import { columnsOf } from './layout-files.ts';

/** A line of an invoice. */
export interface InvoiceLine {
  /** File or sheet it stands in. */
  readonly source: string;
  readonly invoice: string;
  readonly stockCode: string;
  readonly description: string;
  readonly quantity: number;
  /** As written, without the time of day. */
  readonly date: string;
  readonly price: number;
  /** Empty where it is not known. For netting only: it must not leave the reader. */
  readonly customer: string;
  readonly country: string;
  /** File, line and column of the date, for messages. */
  readonly where: string;
}

/** Columns under the names of both editions of the data set. */
const NEEDED = {
  invoice: ['invoiceno', 'invoice'],
  stockCode: ['stockcode'],
  description: ['description'],
  quantity: ['quantity'],
  date: ['invoicedate'],
  price: ['unitprice', 'price'],
  country: ['country'],
} as const;
const KNOWN = { customer: ['customerid', 'customer id', 'customer_id'] } as const;
type Columns = ReturnType<typeof columnsOf<keyof typeof NEEDED, keyof typeof KNOWN>>;
/** Bytes a workbook may unpack to. */
const MOST_BYTES = 4 * 1024 ** 3;

/**
 * The invoice lines of a CSV or of all sheets of a workbook that have the columns.
 * @throws InputError naming file, line and column
 */
export async function* invoiceLines(
  file: string,
  signal: AbortSignal,
  onRead: (share: number) => void,
): AsyncGenerator<readonly InvoiceLine[]> {
  yield* isWorkbook(file) ? workbookLines(file, signal, onRead) : csvLines(file, signal, onRead);
}

function isWorkbook(file: string): boolean {
  if (!statSync(file).isFile()) throw new InputError(`${file}: this is not a file`);
  const head = Buffer.alloc(4);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, head, 0, 4, 0);
  } finally {
    closeSync(handle);
  }
  return head.toString('latin1') === 'PK\x03\x04';
}

async function* csvLines(
  file: string,
  signal: AbortSignal,
  onRead: (share: number) => void,
): AsyncGenerator<readonly InvoiceLine[]> {
  let lines: InvoiceLine[] = [];
  let at: Columns;
  const onRecord = (record: CsvRecord) => {
    // Editions differ in their encoding, of which only descriptions show anything.
    const text = (column: keyof Columns) => (at[column] < 0 ? '' : record.shownText(at[column]).trim());
    lines.push({
      source: file,
      invoice: text('invoice'),
      stockCode: text('stockCode'),
      description: text('description'),
      quantity: record.number(at.quantity),
      date: dayPart(text('date')),
      price: record.number(at.price),
      customer: text('customer'),
      country: text('country'),
      where: `${file}, line ${record.line}, column ${record.names[at.date]}`,
    });
  };
  const onHeader = (names: string[]) => void (at = columnsOf(file, names, NEEDED, KNOWN));
  const made = () => {
    const some = lines;
    lines = [];
    return some;
  };
  yield* csvBlocks(file, { onHeader, onRecord }, made, { signal, onProgress: onRead });
}

/** The day of a day with a time. */
function dayPart(text: string): string {
  const end = text.search(/[ T]/);
  return end < 0 ? text : text.slice(0, end);
}

async function* workbookLines(
  file: string,
  signal: AbortSignal,
  onRead: (share: number) => void,
): AsyncGenerator<readonly InvoiceLine[]> {
  const archive = await openArchive(file, MOST_BYTES).catch(fileError(file));
  try {
    const workbook = await readWorkbook(archive);
    const refusals: string[] = [];
    for (const [index, sheet] of workbook.sheets.entries()) {
      const place = `${file}, sheet ${sheet.name}`;
      let names: string[] | null = null;
      let at: Columns | null = null;
      for await (const rows of sheetRows(archive, workbook, sheet)) {
        signal.throwIfAborted();
        const lines: InvoiceLine[] = [];
        for (const { line, cells } of rows) {
          if (names === null) {
            names = Array.from(cells, (cell) => textOf(cell).trim());
            try {
              at = columnsOf(place, names, NEEDED, KNOWN);
            } catch (error) {
              // A workbook may hold sheets of other things beside.
              refusals.push((error as Error).message);
            }
          } else if (at) lines.push(lineOf(cells, at, names, place, line, workbook.from1904));
        }
        if (lines.length) yield lines;
        if (!at) break;
      }
      onRead((index + 1) / workbook.sheets.length);
    }
    if (refusals.length === workbook.sheets.length) throw new InputError(refusals[0]);
  } catch (error) {
    return fileError(file)(error);
  } finally {
    archive.close();
  }
}

/** What is wrong with a workbook, with the name of its file; throws other errors as they are. */
function fileError(file: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new InputError(`${file}${error.message.replace(/^file/, '')}`);
  };
}

function textOf(cell: Cell): string {
  return cell === undefined ? '' : typeof cell === 'string' ? cell : cell.number;
}

function lineOf(
  cells: readonly Cell[],
  at: Columns,
  names: readonly string[],
  source: string,
  line: number,
  from1904: boolean,
): InvoiceLine {
  const where = `${source}, line ${line}`;
  const text = (column: keyof Columns) => (at[column] < 0 ? '' : textOf(cells[at[column]]).trim());
  const number = (column: 'quantity' | 'price') => {
    const value = text(column) === '' ? NaN : Number(text(column));
    if (text(column) !== '' && Number.isNaN(value))
      throw new InputError(`${where}, column ${names[at[column]]}: "${text(column)}" is not a number`);
    return value;
  };
  const date = cells[at.date];
  return {
    source,
    invoice: text('invoice'),
    stockCode: text('stockCode'),
    description: text('description'),
    quantity: number('quantity'),
    date:
      date !== undefined && typeof date !== 'string'
        ? (dayOfSerial(Number(date.number), from1904) ?? date.number)
        : dayPart(text('date')),
    price: number('price'),
    customer: text('customer'),
    country: text('country'),
    where: `${where}, column ${names[at.date]}`,
  };
}
