import { posix } from 'node:path';
import { UnreadableFileError } from '../../csv/file-kind.ts';
import type { Archive } from './archive.ts';
import { readWholeXml } from './xml.ts';

/** A sheet of a workbook. */
export interface Sheet {
  readonly name: string;
  /** Name of its part. */
  readonly part: string;
}

/** What all sheets share. */
export interface Workbook {
  /** Visible sheets in their order. */
  readonly sheets: readonly Sheet[];
  /** Whether days are counted from 1904. */
  readonly from1904: boolean;
  readonly sharedStrings: readonly string[];
  /** By cell style: whether its number is a date. */
  readonly isDate: readonly boolean[];
}

/** Characters that the texts of a workbook may have together: they are kept in memory. */
const MOST_CHARACTERS = 100_000_000;

/** Number formats of dates that every workbook has (ECMA-376 part 1, 18.8.30). */
const DATE_FORMATS = new Set([14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58]);

/** Reads what all sheets share. @throws UnreadableFileError */
export async function readWorkbook(archive: Archive): Promise<Workbook> {
  const targets = await relations(archive);
  const sheets: Sheet[] = [];
  let from1904 = false;
  await readWholeXml(await archive.open('xl/workbook.xml'), {
    open: (name, attributes) => {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes.date1904);
      if (name !== 'sheet' || (attributes.state ?? 'visible') !== 'visible') return;
      const id = Object.entries(attributes).find(([key]) => key === 'r:id' || key.endsWith(':id'))?.[1];
      const part = targets.get(id ?? '');
      if (part !== undefined && part.includes('worksheets/')) sheets.push({ name: attributes.name ?? '', part });
    },
  });
  if (!sheets.length) throw new UnreadableFileError('FILE_EMPTY', 'file: the workbook has no sheet');
  return { sheets, from1904, sharedStrings: await sharedStrings(archive), isDate: await dateStyles(archive) };
}

/** Parts by the ids that the workbook knows them under. */
async function relations(archive: Archive): Promise<Map<string, string>> {
  const targets = new Map<string, string>();
  await readWholeXml(await archive.open('xl/_rels/workbook.xml.rels'), {
    open: (name, { Id: id, Target: target }) => {
      if (name !== 'Relationship' || !id || !target) return;
      targets.set(id, target.startsWith('/') ? target.slice(1) : posix.join('xl', target));
    },
  });
  return targets;
}

async function sharedStrings(archive: Archive): Promise<string[]> {
  const texts: string[] = [];
  if (!archive.has('xl/sharedStrings.xml')) return texts;
  let text = '';
  let inText = false;
  let inPhonetic = false;
  let characters = 0;
  await readWholeXml(await archive.open('xl/sharedStrings.xml'), {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 't') inText = true;
      if (name === 'rPh') inPhonetic = true;
    },
    text: (piece) => {
      if (!inText || inPhonetic) return;
      text += piece;
      characters += piece.length;
      if (characters > MOST_CHARACTERS)
        throw new UnreadableFileError('FILE_TOO_LARGE', 'file: the workbook holds too much text; send CSV', 413);
    },
    close: (name) => {
      if (name === 't') inText = false;
      if (name === 'rPh') inPhonetic = false;
      if (name === 'si') texts.push(text);
    },
  });
  return texts;
}

/** Whether a number format written out shows a day: it names days, months or years outside quotes and brackets. */
export function showsDay(format: string): boolean {
  const bare = format.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, '');
  return /[dy]/i.test(bare) || /m/i.test(bare.replace(/[hs]+[:.]?m+|m+[:.]?s+/gi, ''));
}

async function dateStyles(archive: Archive): Promise<boolean[]> {
  const styles: boolean[] = [];
  if (!archive.has('xl/styles.xml')) return styles;
  const own = new Map<number, boolean>();
  let inCells = false;
  await readWholeXml(await archive.open('xl/styles.xml'), {
    open: (name, attributes) => {
      if (name === 'numFmt') own.set(Number(attributes.numFmtId), showsDay(attributes.formatCode ?? ''));
      if (name === 'cellXfs') inCells = true;
      if (name === 'xf' && inCells) {
        const id = Number(attributes.numFmtId ?? 0);
        styles.push(own.get(id) ?? DATE_FORMATS.has(id));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}
