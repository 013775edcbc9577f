import { isPushed } from './pushes.ts';
import type { DemandResponse } from './response.ts';
import type { RowSpan } from './row-span.ts';
import type { Feature, FeatureKind } from './spec.ts';

const { expm1, log1p, max } = Math;

const RESPONSE_KINDS = ['price_regular', 'response_lift', 'response_mean', 'unpushed_mean', 'unpushed_ewma'] as const;

/** Kinds of features read from a {@link ResponseHistory}. */
export type ResponseKind = (typeof RESPONSE_KINDS)[number];

/** Whether a feature is read from a {@link ResponseHistory}. */
export function isResponseKind(kind: FeatureKind): kind is ResponseKind {
  return (RESPONSE_KINDS as readonly FeatureKind[]).includes(kind);
}

/** What the response of demand tells about one series; entry `t` of an array is known before period `t`. */
export interface ResponseHistory {
  readonly response: DemandResponse;
  series: number;
  /** Highest price of late. */
  readonly regular: Float64Array;
  /** Running sums of the units of observed periods without a push, and their number. */
  readonly plainSum: Float64Array;
  readonly plainCount: Float64Array;
  /** Smoothed units of those periods, and smoothed log(1 + units) less the lift, by smoothing constant. */
  readonly plainLevels: ReadonlyMap<number, Float64Array>;
  readonly levels: ReadonlyMap<number, Float64Array>;
}

/** Empty arrays for the features that read them. */
export function newResponseHistory(
  response: DemandResponse,
  periodCount: number,
  features: readonly Feature[],
): ResponseHistory {
  const array = () => new Float64Array(periodCount + 1);
  const byAlpha = (kind: 'response_mean' | 'unpushed_ewma') =>
    new Map(features.flatMap((one) => (one.kind === kind ? [[one.alpha, array()] as const] : [])));
  return {
    response,
    series: -1,
    regular: array(),
    plainSum: array(),
    plainCount: array(),
    plainLevels: byAlpha('unpushed_ewma'),
    levels: byAlpha('response_mean'),
  };
}

/** Fills the arrays for one series. @param units sales per period, NaN where not observed */
export function loadResponse(history: ResponseHistory, series: number, units: Float64Array): void {
  history.series = series;
  const { response, regular, plainSum, plainCount, plainLevels, levels } = history;
  response.regularPrices(series, regular);
  const states = [...plainLevels, ...levels].map(([alpha, out], i) => ({
    alpha,
    out,
    isPlain: i < plainLevels.size,
    level: NaN,
  }));
  let total = 0;
  let seen = 0;
  for (const { out } of states) out[0] = NaN;
  for (let t = 0; t < units.length; t++) {
    const value = units[t];
    if (value >= 0) {
      const plain = !isPushed(response.numbersOf(series, t, regular[t]));
      const deflated = log1p(value) - response.lift(series, t, t, regular[t]);
      if (plain) {
        total += value;
        seen++;
      }
      for (const state of states) {
        if (state.isPlain && !plain) continue;
        const entering = state.isPlain ? value : deflated;
        state.level = state.level === state.level ? state.level + state.alpha * (entering - state.level) : entering;
      }
    }
    plainSum[t + 1] = total;
    plainCount[t + 1] = seen;
    for (const { out, level } of states) out[t + 1] = level;
  }
}

/** Logarithm of the factor by which the target's pushes lift demand. */
export function fillLift({ response, series, regular }: ResponseHistory, rows: RowSpan, out: Float32Array) {
  const { origin, target, from, to } = rows;
  for (let row = from; row < to; row++)
    out[row] = response.lift(series, origin[row], target[row], regular[origin[row]]);
}

/** Units at the smoothed level without pushes, lifted by those of the target. */
export function fillResponseMean(history: ResponseHistory, rows: RowSpan, out: Float32Array, alpha: number) {
  const level = history.levels.get(alpha)!;
  fillLift(history, rows, out);
  for (let row = rows.from; row < rows.to; row++) out[row] = max(0, expm1(level[rows.origin[row]] + out[row]));
}

/** Price of the target over the regular one. @param out holds the price */
export function divideByRegular({ regular }: ResponseHistory, { origin, from, to }: RowSpan, out: Float32Array) {
  for (let row = from; row < to; row++) out[row] /= regular[origin[row]];
}
