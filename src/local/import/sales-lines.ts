import { civilFromDay } from '../../engine/index.ts';
import type { SalesBlock } from './retail-data.ts';

const BLOCK_BYTES = 1 << 18;
/** Longest date with its comma, and longest number. */
const DATE_BYTES = 11;
const NUMBER_BYTES = 32;
const ZERO = 48;

/** ISO text of a day counted from 1970-01-01. */
export function isoDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/**
 * Writes lines of a sales file into blocks, each within one month. What does not change from line to line comes as bytes that
 * the caller keeps: millions of rows a second pass through here while server and database want the processor too.
 */
export class SalesLines {
  private buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  private at = 0;
  private rows = 0;
  private units = 0;
  private month = -1;
  private blocks: SalesBlock[] = [];
  private readonly dates: { readonly text: Uint8Array; readonly month: number }[] = [];

  /**
   * Adds a line: date, key, quantity, rest.
   * @param day counted from 1970-01-01
   * @param key what stands between date and quantity, with the comma behind it
   * @param rest what follows the quantity, from its comma to the line end
   */
  add(day: number, key: Uint8Array, quantity: number, rest: Uint8Array): void {
    const date = (this.dates[day] ??= dateOf(day));
    const needed = DATE_BYTES + key.length + NUMBER_BYTES + rest.length;
    if (date.month !== this.month || this.at + needed > this.buffer.length) {
      this.close(needed);
      this.month = date.month;
    }
    this.append(date.text);
    this.append(key);
    if (quantity >= 0 && quantity <= 9 && quantity === (quantity | 0)) this.buffer[this.at++] = ZERO + quantity;
    else this.at += this.buffer.write(String(quantity), this.at, 'latin1');
    this.append(rest);
    this.rows++;
    this.units += quantity;
  }

  /** Blocks that are full. */
  take(): SalesBlock[] {
    if (this.blocks.length === 0) return this.blocks;
    const taken = this.blocks;
    this.blocks = [];
    return taken;
  }

  /** The blocks that are left. */
  finish(): SalesBlock[] {
    this.close(0);
    return this.take();
  }

  private append(bytes: Uint8Array): void {
    const { buffer } = this;
    let { at } = this;
    // A loop, for these are a few bytes: a call of the runtime for each costs more.
    for (let i = 0; i < bytes.length; i++) buffer[at++] = bytes[i];
    this.at = at;
  }

  private close(needed: number): void {
    if (this.rows > 0) {
      this.blocks.push({
        bytes: this.buffer.subarray(0, this.at),
        rows: this.rows,
        units: this.units,
        month: this.month,
      });
      this.buffer = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, needed));
    }
    if (needed > this.buffer.length) this.buffer = Buffer.allocUnsafe(needed);
    this.at = this.rows = this.units = 0;
  }
}

function dateOf(day: number): { text: Uint8Array; month: number } {
  const { year, month } = civilFromDay(day);
  return { text: Buffer.from(`${isoDay(day)},`), month: (year - 1970) * 12 + month - 1 };
}
