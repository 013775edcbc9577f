import {
  bias,
  mae,
  mape,
  naiveSquaredError,
  rmse,
  seasonalNaiveError,
  smape,
  TRAITS,
  wape,
  type Measure,
  type Panel,
} from '../engine/index.ts';

/** What the history says about a forecast of its future, computed before the panel moves to the training. */
export interface Baseline {
  /** The last season repeated, `[seriesCount * horizon]`. */
  readonly naive: Float32Array;
  /** Periods of a season. */
  readonly season: number;
  /** Mean absolute difference over a season and over one period per series; NaN where undefined. */
  readonly absolute: Float64Array;
  readonly absoluteStep: Float64Array;
  /** Mean squared one-period difference per series. */
  readonly squared: Float64Array;
}

/** Accuracy of a point forecast; scaled measures are means over the series for which they are defined. */
export interface PointScore {
  readonly wape: Measure;
  readonly bias: Measure;
  readonly mae: Measure;
  readonly rmse: Measure;
  /** Scaled by the error of the last season repeated, and of the last period repeated. */
  readonly mase: Measure;
  readonly mase1: Measure;
  readonly rmsse: Measure;
  /** 0 to 200. */
  readonly smape: Measure;
  /** Percent over the periods with sales, and the number of those without. */
  readonly mape: Measure;
  readonly mapeExcluded: number;
}

/** Seasonal naive forecast and the scales of MASE and RMSSE. */
export function baselineOf(panel: Panel, horizon: number): Baseline {
  const { season } = TRAITS[panel.frequency ?? 'daily'];
  const { seriesCount, periodCount } = panel;
  const naive = new Float32Array(seriesCount * horizon);
  const unknown = () => new Float64Array(seriesCount).fill(NaN);
  const [absolute, absoluteStep, squared] = [unknown(), unknown(), unknown()];
  for (let s = 0; s < seriesCount; s++) {
    const history = panel.sales.subarray(s * periodCount + panel.firstPeriod[s], (s + 1) * periodCount);
    const known = history.map((value) => (value >= 0 ? value : 0));
    // A history shorter than a season repeats its last value.
    const period = known.length >= season ? season : 1;
    for (let h = 0; h < horizon; h++)
      naive[s * horizon + h] = known.length > 0 ? known[known.length - period + (h % period)] : 0;
    absolute[s] = seasonalNaiveError(known, season) ?? NaN;
    absoluteStep[s] = seasonalNaiveError(known, 1) ?? NaN;
    squared[s] = naiveSquaredError(known) ?? NaN;
  }
  return { naive, season, absolute, absoluteStep, squared };
}

/** @param seriesOf series of each pair of actual and forecast */
export function scorePoints(
  actual: Float32Array,
  mean: Float32Array,
  seriesOf: Int32Array,
  { absolute, absoluteStep, squared }: Baseline,
): PointScore {
  const count = absolute.length;
  const [errors, squares, periods] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < actual.length; i++) {
    const error = actual[i] - mean[i];
    errors[seriesOf[i]] += Math.abs(error);
    squares[seriesOf[i]] += error * error;
    periods[seriesOf[i]]++;
  }
  const { percent, excluded } = mape(actual, mean);
  return {
    wape: wape(actual, mean),
    bias: bias(actual, mean),
    mae: mae(actual, mean),
    rmse: rmse(actual, mean),
    mase: meanOf(errors.map((sum, s) => sum / periods[s] / absolute[s])),
    mase1: meanOf(errors.map((sum, s) => sum / periods[s] / absoluteStep[s])),
    rmsse: meanOf(squares.map((sum, s) => Math.sqrt(sum / periods[s] / squared[s]))),
    smape: smape(actual, mean),
    mape: percent,
    mapeExcluded: excluded,
  };
}

/** Mean over what is defined: a series that never moved has no scale. */
function meanOf(values: Float64Array): Measure {
  const known = values.filter(Number.isFinite);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
