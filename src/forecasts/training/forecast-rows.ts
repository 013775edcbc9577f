import { type Forecast, SEGMENTS, SUFFICIENCY_NAMES, type Sufficiency } from '../../engine/index.ts';
import { NO_LOCATION } from '../location-zero.ts';

/** Product and location of each series of a panel, kept when the panel itself has moved to a thread. */
export interface SeriesKeys {
  readonly product: Int32Array;
  readonly location: Int32Array;
}

/** Name of the segment of product totals: they are sums and no member's weights apply to them. */
export const TOTAL_SEGMENT = 'product_total';

/** One stored series and where its days stand in the arrays of a forecast. */
export interface SeriesRow {
  readonly product: number;
  /** 0 for the sum over the locations. */
  readonly location: number;
  readonly sufficiency: Sufficiency;
  readonly segment: string;
  readonly dispersion: number;
  readonly mean: Float32Array;
  readonly quantiles: readonly Float32Array[];
  /** Mean forecasts of the members; none for totals. */
  readonly members: readonly Float32Array[];
}

function daysOf(values: Float32Array, row: number, horizon: number): Float32Array {
  return values.subarray(row * horizon, (row + 1) * horizon);
}

/**
 * Every series of a forecast and every product total, in the order they are stored. A total counts as known as well as
 * the best known of its series.
 */
export function seriesRows(forecast: Forecast, keys: SeriesKeys): SeriesRow[] {
  const { horizon, productTotals } = forecast;
  const best = new Map<number, number>();
  const rows = Array.from(forecast.seriesIndices, (series, row): SeriesRow => {
    const product = keys.product[series];
    const known = forecast.sufficiency[row];
    best.set(product, Math.min(best.get(product) ?? known, known));
    return {
      product,
      location: keys.location[series],
      sufficiency: SUFFICIENCY_NAMES[known],
      segment: SEGMENTS[forecast.segment[row]],
      dispersion: forecast.dispersion[row],
      mean: daysOf(forecast.mean, row, horizon),
      quantiles: forecast.quantiles.map((values) => daysOf(values, row, horizon)),
      members: forecast.components.map(({ mean }) => daysOf(mean, row, horizon)),
    };
  });
  const totals = Array.from(productTotals.products, (product, row): SeriesRow => ({
    product,
    location: NO_LOCATION,
    sufficiency: SUFFICIENCY_NAMES[best.get(product) ?? SUFFICIENCY_NAMES.length - 1],
    segment: TOTAL_SEGMENT,
    dispersion: productTotals.dispersion[row],
    mean: daysOf(productTotals.mean, row, horizon),
    quantiles: productTotals.quantiles.map((values) => daysOf(values, row, horizon)),
    members: [],
  }));
  return [...rows, ...totals];
}

/** Whether every value that would be published is a number and not negative. */
export function isSound(forecast: Forecast): boolean {
  const { productTotals } = forecast;
  const arrays = [forecast.mean, ...forecast.quantiles, productTotals.mean, ...productTotals.quantiles];
  return arrays.every((values) => values.every((value) => value >= 0 && value < Infinity));
}

/** Positions of P10, P50 and P90 among the levels of a forecast. */
export function centralLevels(levels: readonly number[]): { p10: number; p50: number; p90: number } {
  const at = (level: number) => {
    const index = levels.findIndex((candidate) => Math.abs(candidate - level) < 1e-9);
    if (index < 0) throw new Error(`The forecast lacks the quantile ${level}`);
    return index;
  };
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
