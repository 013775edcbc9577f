import type { Panel } from './panel.ts';

/**
 * The panel as it stood after `dayCount` days: later values are not in the copy, so nothing fitted on it can have
 * seen them. Series that start later have no history in it.
 */
export function truncatePanel(panel: Panel, dayCount: number): Panel {
  if (dayCount >= panel.dayCount) return panel;
  const cut = <T extends Float32Array | Uint8Array>(values: T, empty: T): T => {
    for (let s = 0; s < panel.seriesCount; s++) {
      const from = s * panel.dayCount;
      empty.set(values.subarray(from, from + dayCount), s * dayCount);
    }
    return empty;
  };
  const size = panel.seriesCount * dayCount;
  return {
    ...panel,
    dayCount,
    sales: cut(panel.sales, new Float32Array(size)),
    price: panel.price && cut(panel.price, new Float32Array(size)),
    promotion: panel.promotion && cut(panel.promotion, new Float32Array(size)),
    inStock: panel.inStock && cut(panel.inStock, new Uint8Array(size)),
    firstDay: panel.firstDay.map((day) => Math.min(day, dayCount)),
    lastDay: panel.lastDay?.map((day) => Math.min(day, dayCount - 1)),
  };
}
