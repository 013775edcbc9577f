import { sliceOf } from '../seasonal/slice.ts';
import type { Frequency } from '../series/frequency.ts';
import type { Panel } from '../series/panel.ts';

/** Periods of history the dispersion is measured on, and those before each that give its expectation. */
const LENGTHS: Readonly<
  Record<Frequency, { readonly measured: number; readonly mean: number; readonly fewest: number }>
> = {
  hourly: { measured: 672, mean: 168, fewest: 24 },
  daily: { measured: 182, mean: 28, fewest: 7 },
  weekly: { measured: 52, mean: 8, fewest: 3 },
  monthly: { measured: 24, mean: 6, fewest: 3 },
};
/** Units of expected sales at which a series' own dispersion counts as much as the typical one. */
const PRIOR_UNITS = 10;
const RANGE = { least: 0.5, greatest: 1e4 };

/**
 * Variance over mean of each series' sales around their own moving mean, drawn towards the median of all series
 * where little was sold. Without any history: 1, as for Poisson demand.
 */
export function historicDispersion(panel: Panel, observed: Uint8Array): Float32Array {
  const squares = new Float64Array(panel.seriesCount);
  const expected = new Float64Array(panel.seriesCount);
  const { measured, mean: window, fewest } = LENGTHS[panel.frequency ?? 'daily'];
  for (let s = 0; s < panel.seriesCount; s++) {
    const slice = sliceOf(panel, observed, s);
    const value = (d: number) => panel.sales[slice.offset + d];
    let sum = 0;
    let count = 0;
    const from = Math.max(slice.first, slice.end - measured);
    for (let d = Math.max(slice.first, from - window); d < slice.end; d++) {
      const leaving = d - window;
      if (leaving >= Math.max(slice.first, from - window) && observed[slice.offset + leaving] === 1) {
        sum -= value(leaving);
        count--;
      }
      if (observed[slice.offset + d] === 0) continue;
      if (d >= from && count >= fewest) {
        const mean = Math.max(0, sum / count);
        squares[s] += (value(d) - mean) ** 2;
        expected[s] += mean;
      }
      sum += value(d);
      count++;
    }
  }
  const ratios: number[] = [];
  for (let s = 0; s < panel.seriesCount; s++) if (expected[s] >= PRIOR_UNITS) ratios.push(squares[s] / expected[s]);
  ratios.sort((a, b) => a - b);
  const typical = ratios.length > 0 ? ratios[ratios.length >> 1] : 1;
  return Float32Array.from(squares, (square, s) => {
    const blended = (square + PRIOR_UNITS * typical) / (expected[s] + PRIOR_UNITS);
    return Math.min(RANGE.greatest, Math.max(RANGE.least, blended));
  });
}
