import { naiveSquaredError, type Panel, seasonalNaiveError } from '../../engine/index.ts';

/** What MASE and RMSSE divide by, from the days before the hold-out; NaN where a history is too short. */
export interface HoldOutScales {
  /** Mean absolute difference to the day a week before. */
  readonly meanAbsolute: Float64Array;
  /** Mean squared difference to the day before, from the first sale on. */
  readonly meanSquared: Float64Array;
}

function scales(histories: readonly ArrayLike<number>[]): HoldOutScales {
  return {
    meanAbsolute: Float64Array.from(histories, (history) => seasonalNaiveError(history, 7) ?? NaN),
    meanSquared: Float64Array.from(histories, (history) => naiveSquaredError(history) ?? NaN),
  };
}

/** Scales of every series: days before its first sale and days out of stock say nothing and are left out. */
export function seriesScales(panel: Panel, holdOutStartDay: number): HoldOutScales {
  const days = holdOutStartDay - panel.startPeriod;
  const { inStock, firstPeriod } = panel;
  return scales(
    Array.from({ length: panel.seriesCount }, (_, s) => {
      const from = s * panel.periodCount;
      return panel.sales
        .subarray(from, from + days)
        .filter((units, d) => d >= firstPeriod[s] && units >= 0 && (inStock === null || inStock[from + d] !== 0));
    }),
  );
}

/** Scales of the daily sums over the locations of each of `products`, from their first sale on. */
export function productScales(panel: Panel, products: Int32Array, holdOutStartDay: number): HoldOutScales {
  const days = holdOutStartDay - panel.startPeriod;
  const rowOf = new Map(Array.from(products, (product, row) => [product, row]));
  const sums = Array.from(products, () => new Float64Array(days));
  const first = new Int32Array(products.length).fill(days);
  for (let s = 0; s < panel.seriesCount; s++) {
    const row = rowOf.get(panel.product[s]);
    if (row === undefined) continue;
    first[row] = Math.min(first[row], panel.firstPeriod[s]);
    for (let d = panel.firstPeriod[s]; d < days; d++) {
      const units = panel.sales[s * panel.periodCount + d];
      if (units >= 0) sums[row][d] += units;
    }
  }
  return scales(sums.map((sum, row) => sum.subarray(first[row])));
}
