import { strToU8, zipSync } from 'fflate';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A cell of a fixture: a text is inline, a number plain, `{ n, s }` a number of style s, null nothing. */
export type FixtureCell = string | number | { readonly n: number; readonly s: number } | null;

/** XML of a sheet. */
export function sheetXml(rows: readonly (readonly FixtureCell[])[], more = ''): string {
  const cells = (row: readonly FixtureCell[], r: number) =>
    row.map((cell, c) => {
      const at = `r="${String.fromCharCode(65 + c)}${r + 1}"`;
      if (cell === null) return '';
      if (typeof cell === 'string') return `<c ${at} t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`;
      if (typeof cell === 'number') return `<c ${at}><v>${cell}</v></c>`;
      return `<c ${at} s="${cell.s}"><v>${cell.n}</v></c>`;
    });
  const body = rows.map((row, r) => (row.length ? `<row r="${r + 1}">${cells(row, r).join('')}</row>` : '')).join('');
  return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${body}</sheetData>${more}</worksheet>`;
}

/** What a workbook holds: sheets by name, and further parts. */
export interface Fixture {
  readonly sheets: Readonly<Record<string, string>>;
  readonly from1904?: boolean;
  readonly hidden?: readonly string[];
  readonly parts?: Readonly<Record<string, string>>;
}

/** A workbook with the date style 1 (built in) and 2 (written out). */
export function workbook({ sheets, from1904 = false, hidden = [], parts = {} }: Fixture): Uint8Array {
  const names = Object.keys(sheets);
  const list = names
    .map(
      (name, i) =>
        `<sheet name="${name}" sheetId="${i + 1}" r:id="r${i + 1}" ${hidden.includes(name) ? 'state="hidden"' : ''}/>`,
    )
    .join('');
  const relations = names
    .map((_, i) => `<Relationship Id="r${i + 1}" Type="worksheet" Target="worksheets/sheet${i + 1}.xml"/>`)
    .join('');
  const files: Record<string, string> = {
    'xl/workbook.xml': `<workbook xmlns="m" xmlns:r="r"><workbookPr date1904="${from1904 ? 1 : 0}"/><sheets>${list}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${relations}</Relationships>`,
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy;@"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>',
    ...Object.fromEntries(Object.values(sheets).map((xml, i) => [`xl/worksheets/sheet${i + 1}.xml`, xml])),
    ...parts,
  };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
}
