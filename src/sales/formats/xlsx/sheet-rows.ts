import { UnreadableFileError } from '../../csv/file-kind.ts';
import type { Archive } from './archive.ts';
import type { Sheet, Workbook } from './workbook.ts';
import { readXml } from './xml.ts';

/** A cell as it is shown: a text, a number as written in the file, or a day counted from 1970-01-01. */
export type Cell = string | { readonly number: string; readonly isDate: boolean } | undefined;

/** A row of a sheet. */
export interface SheetRow {
  /** Counted from 1, as a spreadsheet shows it. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** Columns beyond this are not read: the widest sheet has so many, and the longest so many rows. */
const MOST_COLUMNS = 16_384;
const MOST_ROWS = 1_048_576;

/** Index of a column from a cell's name: `A1` → 0, `AB7` → 27. */
export function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference) {
    const value = letter.charCodeAt(0) - 64;
    if (value < 1 || value > 26) break;
    column = column * 26 + value;
  }
  return column - 1;
}

/** The rows of a sheet that hold something, as they come. @throws UnreadableFileError */
export async function* sheetRows(archive: Archive, workbook: Workbook, sheet: Sheet): AsyncGenerator<SheetRow[]> {
  let rows: SheetRow[] = [];
  let line = 0;
  let cells: Cell[] = [];
  let column = -1;
  let type = '';
  let style = 0;
  let value = '';
  let isValue = false;
  const cellValue = (): Cell => {
    if (value === '') return undefined;
    if (type === 's') return workbook.sharedStrings[Number(value)];
    if (type === 'str' || type === 'inlineStr' || type === 'e' || type === 'd') return value;
    if (type === 'b') return value === '1' ? 'true' : 'false';
    return { number: value, isDate: workbook.isDate[style] ?? false };
  };
  const events = {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      if (name === 'row') {
        line = attributes.r ? Number(attributes.r) : line + 1;
        if (!(line >= 1 && line <= MOST_ROWS))
          throw new UnreadableFileError('FILE_CORRUPT', 'file: has a row that is none');
        cells = [];
        column = -1;
      } else if (name === 'c') {
        column = attributes.r ? columnOf(attributes.r) : column + 1;
        type = attributes.t ?? 'n';
        style = Number(attributes.s ?? 0);
        value = '';
      } else if (name === 'v' || name === 't') isValue = true;
    },
    text: (piece: string) => {
      if (isValue) value += piece;
    },
    close: (name: string) => {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'c' && column >= 0 && column < MOST_COLUMNS) cells[column] = cellValue();
      else if (name === 'row' && cells.length) rows.push({ line, cells });
    },
  };
  const handOn = () => {
    const done = rows;
    rows = [];
    return done;
  };
  for await (const done of readXml(await archive.open(sheet.part), events, handOn)) if (done.length) yield done;
}
