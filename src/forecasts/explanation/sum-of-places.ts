import { FORECAST_DRIVERS } from '../../engine/index.ts';

const TOTALS = FORECAST_DRIVERS.indexOf('totals');

/**
 * Contributions to the forecasts of a sum over places: the sums of the places' own. What the published sums are above
 * them, as for places that could not be explained, is booked to `totals`, so that these add up as well.
 * @param places contributions `[horizon * FORECAST_DRIVERS]` of each place
 * @param published means of the sum, `[horizon]`
 */
export function sumOfPlaces(
  places: readonly Float32Array[],
  published: ArrayLike<number>,
  horizon: number,
): Float32Array {
  const width = FORECAST_DRIVERS.length;
  const sums = new Float64Array(horizon * width);
  for (const values of places) values.forEach((value, i) => (sums[i] += value));
  for (let h = 0; h < horizon; h++) {
    const explained = sums.subarray(h * width, (h + 1) * width).reduce((sum, value) => sum + value, 0);
    sums[h * width + TOTALS] += published[h] - explained;
  }
  return Float32Array.from(sums);
}
