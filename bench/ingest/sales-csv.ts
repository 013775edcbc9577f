import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createRng } from '../../src/engine/index.ts';

/** A made-up sales file, day by day, every product at every place. */
export interface SalesShape {
  readonly products: number;
  readonly locations: number;
  readonly days: number;
  /** Another seed sells other numbers. */
  readonly seed: number;
}

/** What a file adds up to. */
export interface SalesSums {
  rows: number;
  units: number;
  bytes: number;
}

/** Bytes of text made at a time. */
const PIECE_BYTES = 1 << 18;

/** First days of the months that a shape sells in, and of the one after them. */
export function monthsOf({ days }: SalesShape): string[] {
  const last = new Date(Date.UTC(2023, 0, days));
  const months = (last.getUTCFullYear() - 2023) * 12 + last.getUTCMonth() + 2;
  return Array.from({ length: months }, (_, i) => new Date(Date.UTC(2023, i, 1)).toISOString().slice(0, 10));
}

/** The file's text in pieces, never more than one of them in memory. @param sums counts what was made */
export async function* salesCsv(
  { products, locations, days, seed }: SalesShape,
  sums: SalesSums,
): AsyncGenerator<Buffer> {
  const rng = createRng(seed);
  let text = 'date,sku,location,quantity_sold,price\n';
  for (let day = 0; day < days; day++) {
    const date = new Date(Date.UTC(2023, 0, 1 + day)).toISOString().slice(0, 10);
    for (let location = 0; location < locations; location++) {
      const place = `STORE-${String(location).padStart(3, '0')}`;
      for (let product = 0; product < products; product++) {
        const units = Math.floor(rng() * 20);
        text += `${date},SKU-${String(product).padStart(6, '0')},${place},${units},${10 + (product % 90)}.50\n`;
        sums.rows++;
        sums.units += units;
        if (text.length < PIECE_BYTES) continue;
        sums.bytes += text.length;
        // Whoever reads it works in the same process: it gets its turn.
        yield await Promise.resolve(Buffer.from(text, 'latin1'));
        text = '';
      }
    }
  }
  sums.bytes += text.length;
  yield Buffer.from(text, 'latin1');
}

/** Writes a file and answers what it adds up to. */
export async function writeSalesCsv(path: string, shape: SalesShape): Promise<SalesSums> {
  const sums = { rows: 0, units: 0, bytes: 0 };
  await pipeline(Readable.from(salesCsv(shape, sums)), createWriteStream(path));
  return sums;
}
