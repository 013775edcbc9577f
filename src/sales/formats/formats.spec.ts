import { describe, expect, it } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { sheetXml, workbook, type Fixture } from '../../../test/support/workbook.ts';
import { writeParquet } from '../../platform/parquet/index.ts';
import type { FileKind } from '../csv/file-kind.ts';
import { salesText } from './sales-source.ts';
import { showsDay } from './xlsx/workbook.ts';
import { dayOfSerial } from './xlsx/xlsx-source.ts';

const LIMIT = 64 << 20;

/** Reads content as an upload would be read. */
async function read(content: Uint8Array, maxBytes = LIMIT) {
  const seen: { kind?: FileKind; notes: string[] } = { notes: [] };
  const stream = Readable.from([Buffer.from(content)]);
  const hooks = {
    onRead: () => undefined,
    onKind: (kind: FileKind) => (seen.kind = kind),
    onNote: (note: string) => seen.notes.push(note),
  };
  const text = (await buffer(Readable.from(salesText(stream, hooks, maxBytes)))).toString();
  return { ...seen, lines: text.split('\n') };
}

const HEADER = ['date', 'sku', 'store', 'units', 'price'];
/** 2023-10-27 as spreadsheets count days. */
const SERIAL = 45_226;

describe('A workbook', () => {
  it('is read row by row: styled and plain days, decimal commas, texts, at the lines it has', async () => {
    const rows = [
      ['Sales of October'],
      [],
      HEADER,
      [{ n: SERIAL, s: 1 }, 'MILK', 'DS1', 4, 2.5],
      [{ n: SERIAL + 0.75, s: 2 }, 'A, "B"', 'DS1', 0.1 + 0.2, '1.234,50'],
      [],
      [SERIAL + 1, 'line\nend', 'DS1', 7, null],
      ['2023-10-29', 'MILK', 'DS1', '3', 'n/a'],
    ];
    const { kind, lines, notes } = await read(workbook({ sheets: { Sheet1: sheetXml(rows) } }));
    expect(kind).toBe('xlsx');
    expect(notes).toEqual([]);
    expect(lines).toEqual([
      '',
      '',
      'date,sku,store,units,price',
      '2023-10-27,MILK,DS1,4,2.5',
      '2023-10-27,"A, ""B""",DS1,0.3,1234.50',
      '',
      '2023-10-28,line end,DS1,7,',
      '2023-10-29,MILK,DS1,3,n/a',
      '',
    ]);
  });

  it('may count days from 1904, share its texts, and come in gzip', async () => {
    const shared = '<sst><si><t>date</t></si><si><r><t>s</t></r><r><t>ku</t></r><rPh><t>no</t></rPh></si></sst>';
    const xml = sheetXml([
      [null, null, 'store', 'units'],
      [{ n: SERIAL - 1462, s: 1 }, 'X', 'Y', 1],
    ]).replace('<row r="1">', '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>');
    const content = workbook({ sheets: { S: xml }, from1904: true, parts: { 'xl/sharedStrings.xml': shared } });
    expect((await read(gzipSync(content))).lines.slice(0, 2)).toEqual(['date,sku,store,units', '2023-10-27,X,Y,1']);
  });

  it('names the sheet it took where there are several, and what each lacks where none will do', async () => {
    const sales = sheetXml([HEADER, ['2023-10-27', 'A', 'B', 1, 1]]);
    const other = sheetXml([['notes'], ['hello']]);
    const { lines, notes } = await read(workbook({ sheets: { Notes: other, Sales: sales, More: other } }));
    expect(lines[1]).toBe('2023-10-27,A,B,1,1');
    expect(notes).toEqual(['read sheet "Sales"; not read: "Notes", "More"']);
    const hidden = workbook({ sheets: { Secret: sales, Notes: other }, hidden: ['Secret'] });
    await expect(read(hidden)).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      message: expect.stringContaining('Notes'),
    });
  });

  it.each<[string, Fixture, string]>([
    ['macros', { sheets: { S: '' }, parts: { 'xl/vbaProject.bin': 'x' } }, 'WORKBOOK_MACROS'],
    [
      'links to other files',
      { sheets: { S: '' }, parts: { 'xl/externalLinks/externalLink1.xml': 'x' } },
      'WORKBOOK_LINKS',
    ],
    [
      'entities of its own',
      { sheets: { S: `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${sheetXml([['&b;']])}` } },
      'FILE_CORRUPT',
    ],
    ['XML that ends too early', { sheets: { S: sheetXml([HEADER]).slice(0, -30) } }, 'FILE_CORRUPT'],
    ['a row beyond the last', { sheets: { S: sheetXml([HEADER]).replace('r="1"', 'r="1e12"') } }, 'FILE_CORRUPT'],
    ['nothing', { sheets: { S: sheetXml([]) } }, 'COLUMN_MISSING'],
  ])('is refused with %s', async (_, fixture, code) => {
    await expect(read(workbook(fixture))).rejects.toMatchObject({ code });
  });

  it('is refused as a bomb, as a ZIP of something else, and damaged', async () => {
    const bomb = workbook({ sheets: { S: sheetXml([HEADER]) + ' '.repeat(80 << 20) } });
    expect(bomb.length).toBeLessThan(200_000);
    await expect(read(bomb, 1 << 30)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    const large = workbook({ sheets: { S: sheetXml([HEADER]) + ' '.repeat(2 << 20) } });
    await expect(read(large, 1 << 20)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(read(zipSync({ 'a.txt': strToU8('hello') }))).rejects.toMatchObject({ code: 'FILE_KIND_UNSUPPORTED' });
    const sound = workbook({ sheets: { S: sheetXml([HEADER]) } });
    await expect(read(sound.subarray(0, sound.length - 40))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});

describe('dates of spreadsheets', () => {
  it.each([
    [1, false, null],
    [25_569, false, '1970-01-01'],
    [45_226.999, false, '2023-10-27'],
    [43_764, true, '2023-10-27'],
    [0, false, null],
    [9e9, false, null],
  ])('%p, from 1904 %p, is %p', (serial, from1904, day) => {
    expect(dayOfSerial(serial, from1904)).toBe(day);
  });

  it.each([
    ['yyyy-mm-dd', true],
    ['dd/mm/yyyy;@', true],
    ['mmm', true],
    ['h:mm', false],
    ['mm:ss', false],
    ['0.00', false],
    ['"day" 0', false],
    ['[Red]0', false],
    ['#,##0\\d', false],
  ])('the format %p shows a day: %p', (format, expected) => {
    expect(showsDay(format)).toBe(expected);
  });
});

describe('A Parquet file', () => {
  it('is read row by row, and by name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'formats-'));
    try {
      const path = join(folder, 'sales.parquet');
      await writeParquet(
        path,
        [
          { name: 'date', type: 'date' },
          { name: 'item', type: 'text' },
          { name: 'store', type: 'int32' },
          { name: 'qty', type: 'double' },
        ],
        [
          [19_657, 'A, "B"\nC', 7, 0.5],
          [19_658, null, 7, 12],
        ],
      );
      const content = readFileSync(path);
      const { kind, lines } = await read(content);
      expect(kind).toBe('parquet');
      expect(lines).toEqual([
        '"date","item","store","qty"',
        '"2023-10-27","A, ""B"" C","7","0.5"',
        '"2023-10-28","","7","12.0"',
        '',
      ]);
      expect((await read(gzipSync(content))).lines).toEqual(lines);
      await expect(read(content.subarray(0, content.length - 20))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Text', () => {
  it('in UTF-16 is read as what it says, whatever its byte order', async () => {
    const text = '\ufeffdate,sku\n2023-10-27,Käse';
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const content of [little, big]) expect((await read(content)).lines).toEqual(['date,sku', '2023-10-27,Käse']);
  });

  it('that is packed, cut off or too large is told so', async () => {
    const packed = gzipSync(Buffer.alloc(1 << 20, 'a'));
    expect((await read(packed)).lines[0]).toHaveLength(1 << 20);
    await expect(read(packed, 1000)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    await expect(read(packed.subarray(0, 500))).rejects.toMatchObject({ code: 'FILE_TRUNCATED' });
  });
});
