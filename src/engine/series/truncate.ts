import type { Panel } from './panel.ts';

/**
 * The panel as it stood after `periodCount` days: later values are not in the copy, so nothing fitted on it can have
 * seen them. Series that start later have no history in it.
 */
export function truncatePanel(panel: Panel, periodCount: number): Panel {
  if (periodCount >= panel.periodCount) return panel;
  const cut = <T extends Float32Array | Uint8Array>(values: T, empty: T): T => {
    for (let s = 0; s < panel.seriesCount; s++) {
      const from = s * panel.periodCount;
      empty.set(values.subarray(from, from + periodCount), s * periodCount);
    }
    return empty;
  };
  const size = panel.seriesCount * periodCount;
  return {
    ...panel,
    periodCount,
    sales: cut(panel.sales, new Float32Array(size)),
    price: panel.price && cut(panel.price, new Float32Array(size)),
    promotion: panel.promotion && cut(panel.promotion, new Float32Array(size)),
    inStock: panel.inStock && cut(panel.inStock, new Uint8Array(size)),
    firstPeriod: panel.firstPeriod.map((day) => Math.min(day, periodCount)),
    lastPeriod: panel.lastPeriod?.map((day) => Math.min(day, periodCount - 1)),
  };
}
