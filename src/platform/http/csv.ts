/** Tables as CSV by RFC 4180, safe to open in a spreadsheet. */

/** A cell: text is neutralised and quoted where needed, a number stays a number, null is empty. */
export type CsvCell = string | number | null;

/** What makes a spreadsheet read text as a formula: `= + - @`, their full-width twins, tab and line ends. */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** One line with its line end. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: CsvCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = FORMULA_START.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Size from which gathered lines are handed on, characters: large enough to be cheap, small enough to stay flat. */
const CHUNK_CHARACTERS = 1 << 16;

/** A whole table, header first, in chunks of many lines for a stream. */
export function* csvChunks(
  header: readonly string[],
  rows: Iterable<readonly CsvCell[]>,
): Generator<string, void, undefined> {
  let chunk = csvLine(header);
  for (const row of rows) {
    chunk += csvLine(row);
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk) yield chunk;
}
