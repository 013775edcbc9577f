import { groupBy } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';

/** Daily values of the sums over the locations of each product, `[products * horizon]`. */
export interface ProductRows {
  /** Product codes, ascending. */
  readonly products: Int32Array;
  readonly mean: Float32Array;
  readonly actual: Float32Array;
  /** Per product: the dispersion of its series, weighted by their forecasts. */
  readonly dispersion: Float32Array;
}

/**
 * Sums series over the locations of their products. Where `actual` is given, a series without an actual on a day is
 * left out of both sums, so that they stay comparable.
 */
export function totalsByProduct(
  panel: Panel,
  horizon: number,
  rows: { readonly mean: Float32Array; readonly actual: Float32Array | null; readonly dispersion: Float32Array },
): ProductRows {
  const groups = groupBy(panel.product);
  const size = groups.count * horizon;
  const mean = new Float64Array(size);
  const actual = new Float64Array(size);
  const seen = new Uint8Array(size);
  const weighted = new Float64Array(groups.count);
  const weight = new Float64Array(groups.count);
  const products = new Int32Array(groups.count);
  for (let s = 0; s < panel.seriesCount; s++) {
    const group = groups.groupOf[s];
    products[group] = panel.product[s];
    for (let h = 0; h < horizon; h++) {
      const value = rows.mean[s * horizon + h];
      weighted[group] += rows.dispersion[s] * (value + 1e-6);
      weight[group] += value + 1e-6;
      if (rows.actual !== null) {
        const sold = rows.actual[s * horizon + h];
        if (!(sold >= 0)) continue;
        actual[group * horizon + h] += sold;
        seen[group * horizon + h] = 1;
      }
      mean[group * horizon + h] += value;
    }
  }
  return {
    products,
    mean: Float32Array.from(mean),
    actual: Float32Array.from(actual, (sum, i) => (seen[i] === 1 ? sum : NaN)),
    dispersion: Float32Array.from(weighted, (sum, g) => sum / weight[g]),
  };
}
