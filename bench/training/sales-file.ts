import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { isoDay } from '../../src/sample/calendar.ts';
import { generateSample, sampleCsv } from '../../src/sample/index.ts';
import { readM5 } from '../engine/m5-evaluator.ts';

/** What was written. */
export interface SalesFile {
  readonly rows: number;
  readonly series: number;
  readonly what: string;
}

/** Days of history written: what a training reads at most. */
const DAYS = 1400;

async function write(path: string, lines: Iterable<string>): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  let rows = -1;
  let part = '';
  for (const line of lines) {
    rows++;
    part += `${line}\n`;
    if (part.length < 1 << 20) continue;
    if (!file.write(part)) await once(file, 'drain');
    part = '';
  }
  file.end(part);
  await once(file, 'finish');
  return rows;
}

/** Writes the sales of three M5 stores from their first sale on, with prices, as a file to upload. */
export async function writeM5(path: string, folder: string): Promise<SalesFile> {
  const { seriesCount, salesDays, sales, price, item, department, store, calendar } = readM5(folder);
  function* lines(): Generator<string> {
    yield 'date,sku,location,quantity_sold,price,category';
    for (let s = 0; s < seriesCount; s++) {
      const names = `${item.names[item.of[s]]},${store.names[store.of[s]]}`;
      const category = department.names[department.of[s]];
      let started = false;
      for (let day = salesDays - DAYS; day < salesDays; day++) {
        const units = sales[s * salesDays + day];
        started ||= units > 0;
        if (!started) continue;
        const now = price[s * calendar.dayCount + day];
        yield `${isoDay(calendar.startDay + day)},${names},${units},${Number.isNaN(now) ? '' : now},${category}`;
      }
    }
  }
  const rows = await write(path, lines());
  return { rows, series: seriesCount, what: `M5, three stores, last ${DAYS} days` };
}

/** Writes a part of the simulated company. */
export async function writeSample(
  path: string,
  size: { products: number; locations: number; days: number },
): Promise<SalesFile> {
  const text = [...sampleCsv(generateSample({ seed: 1, ...size }))].join('').trimEnd().split('\n');
  const rows = await write(path, text);
  return { rows, series: size.products * size.locations, what: 'simulated company' };
}
