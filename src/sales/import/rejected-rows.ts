/** Rows the file lists; the rest is counted in its last line. */
const MAX_ROWS = 100_000;
/** Characters of a row that are repeated. */
const MAX_ROW_CHARACTERS = 2_000;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
/** First line of the file. */
export const REJECTED_HEADER = 'line,reason,row\r\n';

/** Makes a cell harmless in a spreadsheet: a leading sign of a formula gets an apostrophe, numbers stay numbers. */
export function neutralise(cell: string): string {
  return /^[=+\-@\t\r＝＋－＠]/.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return `"${neutralise(cell).replaceAll('"', '""')}"`;
}

/** Counts of {@link RejectedRows}, as plain data. */
export interface RejectedCounts {
  readonly listed: number;
  readonly unlisted: number;
}

/** Text of the file of rows that were not loaded, part by part. */
export class RejectedRows {
  private pending = '';
  private listed: number;
  private unlisted: number;

  /** @param counts of the parts before */
  constructor(counts: RejectedCounts = { listed: 0, unlisted: 0 }) {
    this.listed = counts.listed;
    this.unlisted = counts.unlisted;
  }

  get counts(): RejectedCounts {
    return { listed: this.listed, unlisted: this.unlisted };
  }

  /** Characters that wait to be taken. */
  get pendingCharacters(): number {
    return this.pending.length;
  }

  add(line: number, reason: string, row: string): void {
    if (this.listed === MAX_ROWS) {
      this.unlisted++;
      return;
    }
    this.listed++;
    this.pending += `${line},${quoted(reason)},${quoted(row.slice(0, MAX_ROW_CHARACTERS))}\r\n`;
  }

  /** Counts rows that the file does not list. */
  addUnlisted(rows: number): void {
    this.unlisted += rows;
  }

  /** What was added since the part before. */
  take(): Buffer {
    const part = Buffer.from(this.pending);
    this.pending = '';
    return part;
  }

  /** The last part, with a line for what is not listed. */
  takeLast(): Buffer {
    if (this.unlisted > 0) this.pending += `,"and ${this.unlisted} more rows",\r\n`;
    return this.take();
  }
}
