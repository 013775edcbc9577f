import { UnreadableFileError } from '../../csv/file-kind.ts';
import { COLUMNS, mapHeader } from '../../csv/header.ts';
import type { Column } from '../../csv/header.ts';
import { formatDay } from '../../csv/values.ts';
import { csvCell } from '../csv-cell.ts';
import { openArchive, type Archive } from './archive.ts';
import { sheetRows, type Cell, type SheetRow } from './sheet-rows.ts';
import { readWorkbook, type Sheet, type Workbook } from './workbook.ts';

/** The header stands within the first rows, below a title perhaps. */
const HEADER_WITHIN = 20;
const NUMERIC: ReadonlySet<Column> = new Set(['quantity_sold', 'price', 'revenue', 'on_hand', 'promotion']);
/** 1970-01-01 in days as spreadsheets count them from 1900, and what counting from 1904 lacks to that. */
const EPOCH = 25_569;
const FROM_1904 = 1_462;
/** 1900 is no leap year, but spreadsheets believe so up to this day. */
const FALSE_LEAP_DAY = 60;
/** A whole number in a column of days that has no date format: 1990 to 2100. */
const PLAUSIBLE_SERIAL = { from: 32_874, to: 73_415 };
const DECIMAL_COMMA = /^-?\d{1,3}(\.?\d{3})*,\d+$/;

/** Day of a spreadsheet's number, ISO; null where it is none. */
export function dayOfSerial(serial: number, from1904: boolean): string | null {
  if (!(serial >= 1)) return null;
  const days = Math.floor(serial) + (from1904 ? FROM_1904 : 0);
  const day = days - EPOCH + (!from1904 && days < FALSE_LEAP_DAY ? 1 : 0);
  return day >= 0 && day < 100_000 ? formatDay(day) : null;
}

/**
 * The sheet with sales as CSV lines, each at the line it has in the sheet: the first visible one whose header has the columns
 * a sales file needs. Days become ISO days whatever their format, decimal commas points.
 * @param onNote told what a person should know of the choice
 * @throws UnreadableFileError where no sheet is one of sales, and for all that {@link openArchive} refuses
 */
export async function* xlsxLines(
  path: string,
  maxBytes: number,
  onNote: (note: string) => void,
): AsyncGenerator<Buffer> {
  const archive = await openArchive(path, maxBytes);
  try {
    const workbook = await readWorkbook(archive);
    const { sheet, header } = await salesSheet(archive, workbook);
    if (workbook.sheets.length > 1) {
      const others = workbook.sheets.filter((other) => other !== sheet).map(({ name }) => `"${name}"`);
      onNote(`read sheet "${sheet.name}"; not read: ${others.join(', ').slice(0, 300)}`);
    }
    yield* linesOf(archive, workbook, sheet, header);
  } finally {
    archive.close();
  }
}

/** Where the header of a sheet stands, and what its columns mean. */
interface HeaderRow {
  readonly line: number;
  readonly columns: readonly (Column | null)[];
}

async function salesSheet(archive: Archive, workbook: Workbook): Promise<{ sheet: Sheet; header: HeaderRow }> {
  const problems: string[] = [];
  for (const sheet of workbook.sheets) {
    const found = await headerOf(archive, workbook, sheet);
    if (typeof found !== 'string') return { sheet, header: found };
    problems.push(`sheet "${sheet.name.slice(0, 100)}" ${found}`);
  }
  throw new UnreadableFileError('COLUMN_MISSING', `file: ${problems.slice(0, 5).join('; ')}`);
}

/** The row that names the columns, or what is missing. */
async function headerOf(archive: Archive, workbook: Workbook, sheet: Sheet): Promise<HeaderRow | string> {
  let best: { missing: readonly string[]; texts: readonly string[] } | null = null;
  for await (const rows of sheetRows(archive, workbook, sheet)) {
    for (const row of rows) {
      if (row.line > HEADER_WITHIN) return explained(best);
      const texts = Array.from(row.cells, (cell) => (typeof cell === 'string' ? cell : (cell?.number ?? '')));
      const mapping = mapHeader(texts);
      if (!mapping.missing.length) {
        const columns = texts.map((_, i) => COLUMNS.find((column) => mapping.index[column] === i) ?? null);
        return { line: row.line, columns };
      }
      if (!best || mapping.missing.length < best.missing.length) best = { missing: mapping.missing, texts };
    }
  }
  return explained(best);
}

function explained(best: { missing: readonly string[]; texts: readonly string[] } | null): string {
  if (!best) return 'is empty';
  return `has no column ${best.missing.join(', ')}; found: ${best.texts.join(', ').slice(0, 200)}`;
}

async function* linesOf(archive: Archive, workbook: Workbook, sheet: Sheet, header: HeaderRow): AsyncGenerator<Buffer> {
  const width = header.columns.length;
  let at = 1;
  let isAfterHeader = false;
  for await (const rows of sheetRows(archive, workbook, sheet)) {
    let text = '';
    for (const row of rows) {
      if (row.line < header.line || (isAfterHeader && row.line <= at)) continue;
      // Rows without anything are lines without anything, so that a line is the row that a person sees.
      text += '\n'.repeat(row.line - at) + lineOf(row, width, workbook, header);
      at = row.line;
      isAfterHeader = true;
    }
    if (text) yield Buffer.from(text);
  }
  yield Buffer.from('\n');
}

function lineOf({ line, cells }: SheetRow, width: number, { from1904 }: Workbook, header: HeaderRow): string {
  const isHeader = line === header.line;
  return Array.from({ length: width }, (_, i) =>
    csvCell(shown(cells[i], isHeader ? null : header.columns[i], from1904)),
  ).join(',');
}

function shown(cell: Cell, column: Column | null, from1904: boolean): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') {
    const text = cell.trim();
    if (column !== null && NUMERIC.has(column) && DECIMAL_COMMA.test(text))
      return text.replaceAll('.', '').replace(',', '.');
    return cell;
  }
  const { number, isDate } = cell;
  const value = Number(number);
  const isSerial = value >= PLAUSIBLE_SERIAL.from && value <= PLAUSIBLE_SERIAL.to;
  if (isDate || (column === 'date' && isSerial)) return dayOfSerial(value, from1904) ?? number;
  // Excel writes sums as 0.30000000000000004; what it shows has fifteen digits.
  return Number.isFinite(value) ? String(Number(value.toPrecision(15))) : number;
}
