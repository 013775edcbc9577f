import type { Panel } from '../series/panel.ts';

const { max } = Math;

/**
 * No quantile lies beyond so many times the greatest sale of its series, its mean forecast and a unit. Errors are pooled
 * over series of like size; where one of them once exploded, the outermost quantiles of the others would too.
 */
export const QUANTILE_CAP = 20;

/** Greatest sale of each series, 0 without any. */
export function greatestSales({ seriesCount, periodCount, sales }: Panel): Float64Array {
  return Float64Array.from({ length: seriesCount }, (_, s) => {
    let greatest = 0;
    for (let i = s * periodCount; i < (s + 1) * periodCount; i++) if (sales[i] > greatest) greatest = sales[i];
    return greatest;
  });
}

/** Cuts quantiles in place at the cap of their row. @param greatest greatest sale per row */
export function capQuantiles(
  quantiles: readonly Float32Array[],
  mean: Float32Array,
  greatest: ArrayLike<number>,
  horizon: number,
): readonly Float32Array[] {
  for (let i = 0; i < mean.length; i++) {
    const cap = QUANTILE_CAP * max(1, mean[i], greatest[Math.floor(i / horizon)]);
    for (const values of quantiles) if (values[i] > cap) values[i] = cap;
  }
  return quantiles;
}
