import {
  coverage,
  intervalWidth,
  pinball,
  TRAITS,
  weightedQuantileLoss,
  winkler,
  type Forecast,
  type Frequency,
  type Measure,
} from '../engine/index.ts';
import { scorePoints, type Baseline, type PointScore } from './score-point.ts';

/** A central interval: the share inside, closed at both ends, its mean width and its Winkler score. */
export interface IntervalScore {
  readonly coverage: Measure;
  readonly width: Measure;
  readonly winkler: Measure;
}

/** Accuracy over a part of the periods ahead. */
export interface SpanScore extends PointScore {
  /** Periods ahead, both included, counted from 1. */
  readonly from: number;
  readonly to: number;
  /** Pairs of series and period with an actual. */
  readonly count: number;
  /** Weighted quantile loss per level, and the mean over the levels. */
  readonly wql: Readonly<Record<string, Measure>>;
  /** Pinball loss (not doubled) per level, and the mean over the levels. */
  readonly pinball: Readonly<Record<string, Measure>>;
  /** By nominal share in percent. */
  readonly intervals: Readonly<Record<'50' | '80' | '95', IntervalScore>>;
  readonly seasonalNaive: PointScore;
  /** WAPE of the seasonal naive less that of the forecast. */
  readonly valueAdded: Measure;
}

/** Accuracy of a forecast against what was sold. */
export interface ForecastScore extends SpanScore {
  /** Periods of the season that the naive forecast and MASE go by. */
  readonly season: number;
  readonly byHorizon: readonly SpanScore[];
}

const INTERVALS = { '50': [0.25, 0.75], '80': [0.1, 0.9], '95': [0.025, 0.975] } as const;
/** More lines than this nobody reads: the spans become longer. */
const MOST_SPANS = 14;

/** Scores a forecast. @throws RangeError if there is no actual at all */
export function scoreForecast(
  forecast: Forecast,
  actual: Float32Array,
  baseline: Baseline,
  frequency: Frequency,
): ForecastScore {
  const { horizon } = forecast;
  const whole = scoreSpan(forecast, actual, baseline, 1, horizon);
  if (!whole) throw new RangeError('There is no actual to score against');
  const unit = frequency === 'monthly' ? 3 : frequency === 'weekly' ? 4 : TRAITS[frequency].season;
  const length = unit * Math.ceil(horizon / unit / MOST_SPANS);
  const byHorizon: SpanScore[] = [];
  for (let from = 1; from <= horizon; from += length) {
    const span = scoreSpan(forecast, actual, baseline, from, Math.min(horizon, from + length - 1));
    if (span) byHorizon.push(span);
  }
  return { season: baseline.season, ...whole, byHorizon };
}

function scoreSpan(
  { horizon, seriesIndices, levels, quantiles, mean }: Forecast,
  actual: Float32Array,
  baseline: Baseline,
  from: number,
  to: number,
): SpanScore | null {
  const used: number[] = [];
  for (let row = 0; row < seriesIndices.length; row++)
    for (let h = from - 1; h < to; h++) if (actual[seriesIndices[row] * horizon + h] >= 0) used.push(row * horizon + h);
  if (used.length === 0) return null;
  const seriesOf = Int32Array.from(used, (at) => seriesIndices[Math.floor(at / horizon)]);
  const given = (values: Float32Array) =>
    Float32Array.from(used, (at, i) => values[seriesOf[i] * horizon + (at % horizon)]);
  const pick = (values: Float32Array) => Float32Array.from(used, (at) => values[at]);
  const sold = given(actual);
  const picked = quantiles.map(pick);
  const level = (wanted: number) => picked[levels.indexOf(wanted)];
  const perLevel = (loss: (values: Float32Array, level: number) => Measure) => {
    const losses = levels.map((wanted, q) => [`q${wanted}`, loss(picked[q], wanted)] as const);
    const known = losses.flatMap(([, value]) => value ?? []);
    const middle = known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
    return { ...Object.fromEntries(losses), mean: middle };
  };
  const interval = ([low, high]: readonly [number, number]): IntervalScore => ({
    coverage: coverage(sold, level(low), level(high)),
    width: intervalWidth(level(low), level(high)),
    winkler: winkler(sold, level(low), level(high), 1 - (high - low)),
  });
  const points = scorePoints(sold, pick(mean), seriesOf, baseline);
  const seasonalNaive = scorePoints(sold, given(baseline.naive), seriesOf, baseline);
  return {
    from,
    to,
    count: used.length,
    ...points,
    wql: perLevel((values, wanted) => weightedQuantileLoss(sold, values, wanted)),
    pinball: perLevel((values, wanted) => pinball(sold, values, wanted)),
    intervals: { '50': interval(INTERVALS['50']), '80': interval(INTERVALS['80']), '95': interval(INTERVALS['95']) },
    seasonalNaive,
    valueAdded: points.wape === null || seasonalNaive.wape === null ? null : seasonalNaive.wape - points.wape,
  };
}
