import { alignToTotals } from '../ensemble/align.ts';
import { combineMembers } from '../ensemble/combine.ts';
import { COLD_START_SEGMENT } from '../ensemble/segments.ts';
import { extendInflation, measuredDispersion, quantilesAround } from '../intervals/calibration.ts';
import { MAX_HORIZON } from '../series/check.ts';
import { TRAITS } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';
import { capQuantiles, greatestSales } from './cap.ts';
import { carriedMeans, withCarriedSpikes } from './carried.ts';
import type { AlignmentExponents, Lessons } from './fitted.ts';
import type { MemberForecasts, Origin } from './origin.ts';
import { totalsByProduct } from './products.ts';
import { QUANTILE_LEVELS, type Forecast } from './types.ts';

/**
 * Scales means towards the forecasts of the sums of the origin's levels, and adds what is left of spikes.
 * @param sums one array per level
 */
export function alignMeans(
  origin: Origin,
  mean: Float32Array,
  sums: readonly Float32Array[],
  exponents: AlignmentExponents,
  horizon: number,
): Float32Array {
  const aligned = towardsSums(origin, mean, sums, exponents, horizon);
  return origin.excess === null ? aligned : carriedMeans(aligned, origin.excess, horizon);
}

function towardsSums(
  origin: Origin,
  mean: Float32Array,
  sums: readonly Float32Array[],
  exponents: AlignmentExponents,
  horizon: number,
): Float32Array {
  return alignToTotals(
    mean,
    horizon,
    origin.levels.map(({ name, totals }, level) => ({
      groups: totals.groups,
      totals: sums[level],
      exponent: exponents[name],
    })),
  );
}

/** Puts the forecast together from the members' means of ALL series and the sums they are aligned to. */
export function assembleForecast(
  origin: Origin,
  members: MemberForecasts,
  sums: readonly Float32Array[],
  lessons: Lessons,
  horizon: number,
): Forecast {
  const { panel } = origin;
  const combined = combineMembers(members.names, members.means, lessons.weights, origin.segmentOf, horizon);
  const mean = towardsSums(origin, combined, sums, lessons.exponents, horizon);
  const totals = totalsByProduct(panel, horizon, { mean, actual: null, dispersion: origin.dispersion });
  const { calibrations, productCalibration } = lessons;
  const segments = origin.segmentOf;
  const greatest = greatestSales(panel);
  const alike = new Uint8Array(totals.products.length);
  const forecast: Forecast = {
    startPeriod: panel.startPeriod + panel.periodCount * TRAITS[panel.frequency ?? 'daily'].step,
    horizon,
    seriesIndices: Int32Array.from({ length: panel.seriesCount }, (_, s) => s),
    levels: [...QUANTILE_LEVELS],
    mean,
    quantiles: capQuantiles(
      quantilesAround(calibrations, segments, mean, origin.dispersion, horizon),
      mean,
      greatest,
      horizon,
    ),
    components: members.names.map((name, m) => ({ name, mean: members.means[m] })),
    sufficiency: origin.sufficiency,
    ownWeight: members.ownWeight.map((weight, s) => (origin.segmentOf[s] === COLD_START_SEGMENT ? weight : 1)),
    segment: origin.segmentOf,
    dispersion: measuredDispersion(calibrations, segments, mean, origin.dispersion, horizon),
    sumInflation: extendInflation(calibrations[0].sumInflation, MAX_HORIZON),
    productTotals: {
      products: totals.products,
      mean: totals.mean,
      quantiles: capQuantiles(
        quantilesAround([productCalibration], alike, totals.mean, totals.dispersion, horizon),
        totals.mean,
        greatestOfProducts(panel, greatest, totals.products),
        horizon,
      ),
      dispersion: measuredDispersion([productCalibration], alike, totals.mean, totals.dispersion, horizon),
    },
  };
  return origin.excess === null ? forecast : withCarriedSpikes(forecast, origin.excess, panel.product);
}

/** Sums of the greatest sales over the locations of each product. */
function greatestOfProducts(panel: Panel, greatest: Float64Array, products: Int32Array): Float64Array {
  const sums = new Map<number, number>();
  greatest.forEach((value, s) => sums.set(panel.product[s], (sums.get(panel.product[s]) ?? 0) + value));
  return Float64Array.from(products, (product) => sums.get(product) ?? 0);
}

/** Keeps the rows of some series and of their products. */
export function selectRows(forecast: Forecast, productOf: Int32Array, seriesIndices: Int32Array): Forecast {
  const { horizon, productTotals } = forecast;
  const pick = (values: Float32Array, rows: ArrayLike<number>, width: number) => {
    const out = new Float32Array(rows.length * width);
    for (let r = 0; r < rows.length; r++) out.set(values.subarray(rows[r] * width, (rows[r] + 1) * width), r * width);
    return out;
  };
  const wanted = new Set(Array.from(seriesIndices, (series) => productOf[series]));
  const productRows = Array.from(productTotals.products.keys()).filter((row) =>
    wanted.has(productTotals.products[row]),
  );
  return {
    ...forecast,
    seriesIndices: seriesIndices.slice(),
    mean: pick(forecast.mean, seriesIndices, horizon),
    quantiles: forecast.quantiles.map((values) => pick(values, seriesIndices, horizon)),
    components: forecast.components.map(({ name, mean }) => ({ name, mean: pick(mean, seriesIndices, horizon) })),
    sufficiency: Uint8Array.from(seriesIndices, (series) => forecast.sufficiency[series]),
    ownWeight: pick(forecast.ownWeight, seriesIndices, 1),
    segment: Uint8Array.from(seriesIndices, (series) => forecast.segment[series]),
    dispersion: pick(forecast.dispersion, seriesIndices, 1),
    productTotals: {
      products: Int32Array.from(productRows, (row) => productTotals.products[row]),
      mean: pick(productTotals.mean, productRows, horizon),
      quantiles: productTotals.quantiles.map((values) => pick(values, productRows, horizon)),
      dispersion: pick(productTotals.dispersion, productRows, 1),
    },
  };
}
