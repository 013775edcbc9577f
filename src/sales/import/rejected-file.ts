import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { ObjectStore } from '../../platform/objectstore/index.ts';

/** Rows the file lists; the rest is counted in its last line. */
const MAX_ROWS = 100_000;
/** Characters of a row that are repeated. */
const MAX_ROW_CHARACTERS = 2_000;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** Makes a cell harmless in a spreadsheet: a leading sign of a formula gets an apostrophe, numbers stay numbers. */
export function neutralise(cell: string): string {
  return /^[=+\-@\t\r＝＋－＠]/.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return `"${neutralise(cell).replaceAll('"', '""')}"`;
}

/** The rows that were not loaded, written to the object store while the import runs. Nothing is stored if there are none. */
export class RejectedFile {
  private stream: PassThrough | null = null;
  private stored: Promise<unknown> = Promise.resolve();
  private pending = '';
  private failure: Error | null = null;
  private listed = 0;
  private unlisted = 0;

  constructor(
    private readonly objects: ObjectStore,
    readonly key: string,
  ) {}

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

  /** Sends what was added; waits while the store is slower than the import. */
  async flush(): Promise<void> {
    if (this.failure) throw this.failure;
    if (!this.pending) return;
    const text = this.pending;
    this.pending = '';
    if (!this.stream) {
      this.stream = new PassThrough({ highWaterMark: 1 << 20 });
      // It may end before the store has begun to listen; what went wrong is told by `stored`.
      this.stream.on('error', () => undefined);
      this.stored = this.objects.put(this.key, this.stream);
      this.stored.catch((error: Error) => (this.failure = error));
      this.stream.write('line,reason,row\r\n');
    }
    if (!this.stream.write(text)) await Promise.race([once(this.stream, 'drain'), this.stored]);
  }

  /** Completes the file; answers its key, or null if there is nothing in it. */
  async finish(): Promise<string | null> {
    if (this.unlisted > 0) this.pending += `,"and ${this.unlisted} more rows",\r\n`;
    await this.flush();
    if (!this.stream) return null;
    this.stream.end();
    await this.stored;
    return this.key;
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    this.stream?.destroy(new Error('import ended'));
    await this.stored.catch(() => undefined);
    await this.objects.delete(this.key);
  }
}
