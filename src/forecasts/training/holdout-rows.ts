import type { Forecast, HoldOut } from '../../engine/index.ts';
import { groupBy } from '../group-by.ts';
import { NO_LOCATION } from '../location-zero.ts';
import type { SeriesKeys } from './forecast-rows.ts';
import type { HoldOutScales } from './holdout-scales.ts';

/** One series of the hold-out with its days in arrays; a day with an actual that is not a number is not judged. */
export interface HoldOutSeries {
  readonly product: number;
  readonly location: number;
  readonly actual: Float32Array;
  readonly mean: Float32Array;
  readonly seasonalNaive: Float32Array;
  readonly quantiles: readonly Float32Array[];
  readonly meanAbsolute: number;
  readonly meanSquared: number;
}

const SEASONAL_NAIVE = 'seasonal_naive';

/**
 * Series and product totals of a hold-out. A day of a total is judged only where every location of the product has an
 * actual: with one out of stock the sum of the others is not what the total was to foretell.
 */
export function holdOutSeries(
  holdOut: HoldOut,
  keys: SeriesKeys,
  scales: { readonly series: HoldOutScales; readonly products: HoldOutScales },
): HoldOutSeries[] {
  const { forecast, actual } = holdOut;
  const { horizon } = forecast;
  const naive = forecast.components.find(({ name }) => name === SEASONAL_NAIVE)?.mean;
  if (!naive) throw new Error(`The ensemble lacks the member ${SEASONAL_NAIVE}`);
  const days = (values: Float32Array, row: number) => values.subarray(row * horizon, (row + 1) * horizon);
  const series = Array.from(forecast.seriesIndices, (index, row): HoldOutSeries => ({
    product: keys.product[index],
    location: keys.location[index],
    actual: days(actual, row),
    mean: days(forecast.mean, row),
    seasonalNaive: days(naive, row),
    quantiles: forecast.quantiles.map((values) => days(values, row)),
    meanAbsolute: scales.series.meanAbsolute[index],
    meanSquared: scales.series.meanSquared[index],
  }));
  return [...series, ...totals(forecast, series, scales.products)];
}

function totals(forecast: Forecast, series: readonly HoldOutSeries[], scales: HoldOutScales): HoldOutSeries[] {
  const { horizon, productTotals } = forecast;
  const byProduct = groupBy(series, ({ product }) => product);
  return Array.from(productTotals.products, (product, row) => {
    const actual = new Float32Array(horizon);
    const seasonalNaive = new Float32Array(horizon);
    for (const one of byProduct.get(product) ?? []) {
      for (let h = 0; h < horizon; h++) {
        actual[h] += one.actual[h];
        seasonalNaive[h] += one.seasonalNaive[h];
      }
    }
    const days = (values: Float32Array) => values.subarray(row * horizon, (row + 1) * horizon);
    return {
      product,
      location: NO_LOCATION,
      actual,
      mean: days(productTotals.mean),
      seasonalNaive,
      quantiles: productTotals.quantiles.map(days),
      meanAbsolute: scales.meanAbsolute[row],
      meanSquared: scales.meanSquared[row],
    };
  });
}
