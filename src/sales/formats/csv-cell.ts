/** A text as one cell of a CSV: quoted where it must be, and without line ends, so that a row is a line. */
export function csvCell(text: string): string {
  const line = /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
  return /[",]/.test(line) ? `"${line.replaceAll('"', '""')}"` : line;
}
