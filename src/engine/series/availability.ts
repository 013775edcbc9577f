import type { Panel } from './panel.ts';

/**
 * One flag per series and day: 1 where the day's sales tell the demand. Not observed are days before the first sale,
 * after the last, days without a value and days out of stock, whose sales are cut by what was on the shelf.
 */
export function observedDays(panel: Panel): Uint8Array {
  const { dayCount, seriesCount, sales, inStock } = panel;
  const observed = new Uint8Array(seriesCount * dayCount);
  for (let s = 0; s < seriesCount; s++) {
    const offset = s * dayCount;
    const last = lastDayOf(panel, s);
    for (let d = Math.max(0, panel.firstDay[s]); d <= last; d++) {
      const at = offset + d;
      if (sales[at] >= 0 && (inStock === null || inStock[at] !== 0)) observed[at] = 1;
    }
  }
  return observed;
}

/** Day index of the last day on sale of a series. */
export function lastDayOf(panel: Panel, series: number): number {
  return panel.lastDay === undefined ? panel.dayCount - 1 : Math.min(panel.lastDay[series], panel.dayCount - 1);
}
