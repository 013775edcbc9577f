import { carriedFactor } from '../spikes/carry-over.ts';
import type { Forecast } from './types.ts';

/** Means with what is left of spikes added, `[seriesCount * horizon]`. @param excess per series, see `carrySpikes` */
export function carriedMeans(mean: Float32Array, excess: Float64Array, horizon: number): Float32Array {
  return mean.map((units, i) => units * carriedFactor(excess[Math.floor(i / horizon)], i % horizon));
}

/**
 * The forecast of all series with what is left of spikes added to it: quantiles keep their proportion to the mean, and so
 * do those of the products' totals. The members' own forecasts stay as they are.
 * @param productOf product code of each series
 */
export function withCarriedSpikes(forecast: Forecast, excess: Float64Array, productOf: Int32Array): Forecast {
  const { horizon, productTotals } = forecast;
  const mean = carriedMeans(forecast.mean, excess, horizon);
  const rowOf = new Map(Array.from(productTotals.products, (product, row) => [product, row]));
  const sums = Float64Array.from(productTotals.mean);
  mean.forEach((units, i) => {
    const series = Math.floor(i / horizon);
    const row = rowOf.get(productOf[series]);
    if (row !== undefined && excess[series] > 0) sums[row * horizon + (i % horizon)] += units - forecast.mean[i];
  });
  const total = Float32Array.from(sums);
  return {
    ...forecast,
    mean,
    quantiles: inProportion(forecast.quantiles, forecast.mean, mean),
    dispersion: wider(forecast.dispersion, forecast.mean, mean, horizon),
    productTotals: {
      products: productTotals.products,
      mean: total,
      quantiles: inProportion(productTotals.quantiles, productTotals.mean, total),
      dispersion: wider(productTotals.dispersion, productTotals.mean, total, horizon),
    },
  };
}

function inProportion(quantiles: readonly Float32Array[], before: Float32Array, after: Float32Array) {
  return quantiles.map((values) => values.map((value, i) => (before[i] > 0 ? value * (after[i] / before[i]) : value)));
}

/** Variance over mean grows like what it is scaled by: by the mean factor of a row. */
function wider(dispersion: Float32Array, before: Float32Array, after: Float32Array, horizon: number): Float32Array {
  const sumOf = (values: Float32Array, row: number) =>
    values.subarray(row * horizon, (row + 1) * horizon).reduce((sum, units) => sum + units, 0);
  return dispersion.map((value, row) => {
    const plain = sumOf(before, row);
    return plain > 0 ? value * (sumOf(after, row) / plain) : value;
  });
}
