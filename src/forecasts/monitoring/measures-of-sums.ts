import { QUANTILE_LEVELS } from '../../engine/index.ts';
import type { ScoreSums } from './sums.ts';

/** Accuracy of forecasts on days whose sales have become known; null where a measure is not defined. */
export interface LiveMeasures {
  /** Days of series judged. */
  readonly count: number;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly r2: number | null;
  /** Percent, over the days with sales. */
  readonly mape: number | null;
  readonly mape_zero_actuals: number;
  readonly wape: number | null;
  /** (forecast - sales) / sales, in sums. */
  readonly bias: number | null;
  /** Share of the days inside P10..P90. */
  readonly coverage: number | null;
  readonly pinball: readonly { readonly quantile: number; readonly loss: number }[];
}

function ratio(value: number, by: number): number | null {
  return by > 0 ? value / by : null;
}

/** What the sums over some days say, by the formulae of the hold-out's measures. */
export function measuresOfSums(sums: ScoreSums): LiveMeasures {
  const { series } = sums;
  const mse = ratio(sums.squared_error, series);
  const spread = series > 0 ? sums.actual_squared - (sums.actual * sums.actual) / series : 0;
  // Rounding alone may leave a spread of sales that never change.
  const varies = spread > 1e-9 * Math.max(1, sums.actual_squared);
  const percent = ratio(100 * sums.percent_error, sums.percent_series);
  const outside = ratio(sums.below + sums.above, series);
  return {
    count: series,
    mae: ratio(sums.absolute_error, series),
    rmse: mse === null ? null : Math.sqrt(mse),
    r2: varies ? 1 - sums.squared_error / spread : null,
    mape: percent,
    mape_zero_actuals: series - sums.percent_series,
    wape: ratio(sums.absolute_error, sums.actual),
    bias: ratio(sums.forecast - sums.actual, sums.actual),
    coverage: outside === null ? null : 1 - outside,
    pinball:
      series > 0 ? sums.pinball.map((sum, level) => ({ quantile: QUANTILE_LEVELS[level], loss: sum / series })) : [],
  };
}
