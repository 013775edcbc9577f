import {
  bias,
  coverage,
  naiveSquaredError,
  pinball,
  seasonalNaiveError,
  TRAITS,
  wape,
  weightedQuantileLoss,
  type Forecast,
  type Measure,
  type Panel,
} from '../engine/index.ts';

/** What the history says about a forecast of its future, computed before the panel moves to the training. */
export interface Baseline {
  /** The last season repeated, `[seriesCount * horizon]`. */
  readonly naive: Float32Array;
  /** Mean absolute seasonal difference and mean squared one-step difference per series; NaN where undefined. */
  readonly absolute: Float64Array;
  readonly squared: Float64Array;
}

/** Accuracy of a point forecast; scaled measures are means over the series for which they are defined. */
export interface PointScore {
  readonly wape: Measure;
  readonly bias: Measure;
  readonly mase: Measure;
  readonly rmsse: Measure;
}

/** Accuracy of a forecast against what was sold. */
export interface ForecastScore extends PointScore {
  /** Pairs of series and period with an actual. */
  readonly count: number;
  /** Weighted quantile loss per level, and the mean pinball loss over the three. */
  readonly wql: Readonly<Record<'q0.1' | 'q0.5' | 'q0.9', Measure>>;
  readonly pinball: Measure;
  /** Shares of the actuals inside the central intervals. */
  readonly coverage: Readonly<Record<'50' | '80' | '95', Measure>>;
  readonly seasonalNaive: PointScore;
}

/** Seasonal naive forecast and the scales of MASE and RMSSE. */
export function baselineOf(panel: Panel, horizon: number): Baseline {
  const { season } = TRAITS[panel.frequency ?? 'daily'];
  const { seriesCount, periodCount } = panel;
  const naive = new Float32Array(seriesCount * horizon);
  const absolute = new Float64Array(seriesCount).fill(NaN);
  const squared = new Float64Array(seriesCount).fill(NaN);
  for (let s = 0; s < seriesCount; s++) {
    const history = panel.sales.subarray(s * periodCount + panel.firstPeriod[s], (s + 1) * periodCount);
    const known = history.map((value) => (value >= 0 ? value : 0));
    // A history shorter than a season repeats its last value.
    const period = known.length >= season ? season : 1;
    for (let h = 0; h < horizon; h++)
      naive[s * horizon + h] = known.length > 0 ? known[known.length - period + (h % period)] : 0;
    absolute[s] = seasonalNaiveError(known, season) ?? NaN;
    squared[s] = naiveSquaredError(known) ?? NaN;
  }
  return { naive, absolute, squared };
}

/** Scores a forecast; null if there is no actual at all. */
export function scoreForecast(forecast: Forecast, actual: Float32Array, baseline: Baseline): ForecastScore | null {
  const { horizon, seriesIndices, levels, quantiles } = forecast;
  const used: number[] = [];
  const sold: number[] = [];
  const naive: number[] = [];
  for (let row = 0; row < seriesIndices.length; row++)
    for (let h = 0; h < horizon; h++) {
      const at = seriesIndices[row] * horizon + h;
      if (!(actual[at] >= 0)) continue;
      used.push(row * horizon + h);
      sold.push(actual[at]);
      naive.push(baseline.naive[at]);
    }
  if (used.length === 0) return null;
  const pick = (values: Float32Array) => Float32Array.from(used, (at) => values[at]);
  const level = (wanted: number) => pick(quantiles[levels.indexOf(wanted)]);
  const seriesOf = Int32Array.from(used, (at) => seriesIndices[Math.floor(at / horizon)]);
  const [low, middle, high] = [level(0.1), level(0.5), level(0.9)];
  const losses = [pinball(sold, low, 0.1), pinball(sold, middle, 0.5), pinball(sold, high, 0.9)];
  return {
    count: used.length,
    ...pointScore(sold, pick(forecast.mean), seriesOf, baseline),
    wql: {
      'q0.1': weightedQuantileLoss(sold, low, 0.1),
      'q0.5': weightedQuantileLoss(sold, middle, 0.5),
      'q0.9': weightedQuantileLoss(sold, high, 0.9),
    },
    pinball: losses.reduce<number>((sum, loss) => sum + (loss ?? NaN), 0) / losses.length,
    coverage: {
      '50': coverage(sold, level(0.25), level(0.75)),
      '80': coverage(sold, low, high),
      '95': coverage(sold, level(0.025), level(0.975)),
    },
    seasonalNaive: pointScore(sold, Float32Array.from(naive), seriesOf, baseline),
  };
}

function pointScore(
  actual: readonly number[],
  mean: Float32Array,
  seriesOf: Int32Array,
  { absolute, squared }: Baseline,
): PointScore {
  const count = absolute.length;
  const [errors, squares, periods] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < actual.length; i++) {
    const error = actual[i] - mean[i];
    errors[seriesOf[i]] += Math.abs(error);
    squares[seriesOf[i]] += error * error;
    periods[seriesOf[i]]++;
  }
  return {
    wape: wape(actual, mean),
    bias: bias(actual, mean),
    mase: meanOf(errors.map((sum, s) => sum / periods[s] / absolute[s])),
    rmsse: meanOf(squares.map((sum, s) => Math.sqrt(sum / periods[s] / squared[s]))),
  };
}

/** Mean over what is defined: a series that never moved has no scale. */
function meanOf(values: Float64Array): Measure {
  const known = values.filter(Number.isFinite);
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
