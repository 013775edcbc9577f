import type { Panel } from './panel.ts';

/**
 * One flag per series and day: 1 where the day's sales tell the demand. Not observed are days before the first sale,
 * after the last, days without a value and days out of stock, whose sales are cut by what was on the shelf.
 */
export function observedDays(panel: Panel): Uint8Array {
  const { periodCount, seriesCount, sales, inStock } = panel;
  const observed = new Uint8Array(seriesCount * periodCount);
  for (let s = 0; s < seriesCount; s++) {
    const offset = s * periodCount;
    const last = lastPeriodOf(panel, s);
    for (let d = Math.max(0, panel.firstPeriod[s]); d <= last; d++) {
      const at = offset + d;
      if (sales[at] >= 0 && (inStock === null || inStock[at] !== 0)) observed[at] = 1;
    }
  }
  return observed;
}

/** Day index of the last day on sale of a series. */
export function lastPeriodOf(panel: Panel, series: number): number {
  return panel.lastPeriod === undefined
    ? panel.periodCount - 1
    : Math.min(panel.lastPeriod[series], panel.periodCount - 1);
}
