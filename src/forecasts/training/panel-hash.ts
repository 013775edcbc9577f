import { createHash } from 'node:crypto';
import type { CalendarEvent, Panel } from '../../engine/index.ts';

/** Lower-case hex SHA-256 of a panel and its events: equal exactly where a training sees the same data. */
export function hashPanel(panel: Panel, events: readonly CalendarEvent[]): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([panel.startPeriod, panel.periodCount, panel.seriesCount, events]));
  const { sales, price, promotion, inStock, product, location, category, firstPeriod, lastPeriod } = panel;
  for (const values of [sales, price, promotion, inStock, product, location, category, firstPeriod, lastPeriod]) {
    // The length stands before each array, so that bytes cannot move from one to the next unnoticed.
    hash.update(`|${values?.byteLength ?? 'none'}|`);
    if (values) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  for (const { name, known, reach, stride, rowOf, values, expected } of panel.covariates ?? []) {
    hash.update(JSON.stringify([name, known, reach, stride]));
    for (const array of [rowOf, values, ...(expected ? [expected] : [])]) {
      hash.update(`|${array.byteLength}|`);
      hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  }
  return hash.digest('hex');
}
