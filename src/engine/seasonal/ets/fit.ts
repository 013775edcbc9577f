import type { History } from '../history.ts';
import { seasonallyAdjusted, type SeasonShape } from '../season-shape.ts';
import { minimise } from './minimise.ts';
import { smooth, type SeasonForm, type Smoothing, type State } from './recursion.ts';

const { exp, log, max, min } = Math;

/** How the trend enters. */
export type TrendForm = 'none' | 'additive' | 'damped';

/** A form with its parameters. */
export interface EtsCandidate {
  readonly trend: TrendForm;
  readonly seasonal: SeasonForm;
  readonly smoothing: Smoothing;
  readonly initial: State;
  readonly squares: number;
  /** Corrected Akaike criterion under errors of equal spread, without constants common to all forms. */
  readonly aicc: number;
}

/** Bounds of the search, in the parameters themselves. The slope is bounded as a share of the level's parameter. */
const LEAST_DAMPING = 0.8;
const GREATEST_DAMPING = 0.98;
const TOLERANCE = 5e-4;
const STEP = 1;
/** Evaluations of a form without trend, of one that adds a trend, and of a refinement of parameters taken over. */
export const BUDGET = { level: 16, trend: 16, refine: 8 };
/** A history of so many values is short: searching on costs little and its few values deserve it. */
const SHORT = 250;
const SHORT_EFFORT = 4;
/** Starting points: a sluggish, a middling and a lively level. */
const STARTS = [0.04, 0.15, 0.5];
const START_OF_SEASON = 0.03;
/** Fewest values a trend is started from. */
const FEWEST_FOR_SLOPE = 10;

function squash(x: number): number {
  return 1 / (1 + exp(-max(-8, min(8, x))));
}

function unsquash(share: number): number {
  return log(share / (1 - share));
}

/** Corrected Akaike criterion of a sum of squares; Infinity where there are too few values for the parameters. */
export function akaike(squares: number, count: number, parameters: number): number {
  const free = count - parameters - 1;
  if (free <= 0) return Infinity;
  return count * log(max(squares, 1e-12) / count) + 2 * parameters + (2 * parameters * (parameters + 1)) / free;
}

/** Estimated parameters of a form: smoothing, initial state and the variance. */
export function parameterCount(trend: TrendForm, seasonal: SeasonForm, season: number): number {
  return 3 + (trend === 'none' ? 0 : trend === 'additive' ? 2 : 3) + (seasonal === 'none' ? 0 : season);
}

/** Level and slope at the start, by a straight line through the first values of the seasonally adjusted demand. */
function initialState(history: History, shape: SeasonShape | null, trend: TrendForm): State {
  const season = shape?.season ?? 1;
  const adjusted = shape ? seasonallyAdjusted(history, shape) : history.demand;
  const wanted = max(FEWEST_FOR_SLOPE, 2 * season, min(56, history.count >> 2));
  let count = 0;
  let sumT = 0;
  let sumY = 0;
  let sumTT = 0;
  let sumTY = 0;
  for (let t = 0; t < adjusted.length && count < wanted; t++) {
    const value = adjusted[t];
    if (value !== value) continue;
    count++;
    sumT += t;
    sumY += value;
    sumTT += t * t;
    sumTY += t * value;
  }
  const state = new Float64Array(2 + (shape ? season : 0));
  const spread = count * sumTT - sumT * sumT;
  const slope = trend !== 'none' && spread > 0 ? (count * sumTY - sumT * sumY) / spread : 0;
  state[1] = slope;
  state[0] = count > 0 ? (sumY - slope * sumT) / count - slope : history.mean;
  if (shape) for (let p = 0; p < season; p++) state[2 + p] = shape.index[p];
  if (shape?.kind === 'multiplicative') for (let p = 0; p < season; p++) state[2 + p] = max(0.05, state[2 + p]);
  return state;
}

/**
 * Fits one form by minimising the squared one-step errors over its smoothing parameters.
 * @param like parameters to start from; several starting points are tried without
 * @param budget evaluations, four times as many for short histories
 * @param hopeless sum of squares that half the budget has to come below for the other half to be spent
 */
export function fitForm(
  history: History,
  shape: SeasonShape | null,
  trend: TrendForm,
  like: Smoothing | null,
  budget: number,
  hopeless: number,
): EtsCandidate {
  const seasonal: SeasonForm = shape?.kind ?? 'none';
  const season = shape?.season ?? 1;
  const initial = initialState(history, shape, trend);
  const state = initial.slice();
  const smoothing: Smoothing = { level: 0, slope: 0, season: 0, damping: trend === 'none' ? 0 : 1 };
  const seasonAt = 1;
  const slopeAt = seasonal === 'none' ? 1 : 2;
  const dampingAt = slopeAt + 1;
  const size = 1 + (seasonal === 'none' ? 0 : 1) + (trend === 'none' ? 0 : trend === 'additive' ? 1 : 2);
  const place = (point: Float64Array) => {
    smoothing.level = squash(point[0]);
    if (seasonal !== 'none') smoothing.season = (1 - smoothing.level) * squash(point[seasonAt]);
    if (trend !== 'none') smoothing.slope = smoothing.level * squash(point[slopeAt]);
    if (trend === 'damped')
      smoothing.damping = LEAST_DAMPING + (GREATEST_DAMPING - LEAST_DAMPING) * squash(point[dampingAt]);
  };
  const { demand, mean } = history;
  const objective = (point: Float64Array, limit: number) => {
    place(point);
    state.set(initial);
    return smooth(demand, season, seasonal, smoothing, state, mean, limit);
  };
  const pointAt = (level: number, seasonShare: number, slopeShare: number, damping: number) => {
    const point = new Float64Array(size);
    point[0] = unsquash(max(0.001, min(0.999, level)));
    if (seasonal !== 'none') point[seasonAt] = unsquash(max(0.001, min(0.999, seasonShare)));
    if (trend !== 'none') point[slopeAt] = unsquash(max(0.001, min(0.999, slopeShare)));
    if (trend === 'damped')
      point[dampingAt] = unsquash(max(0.02, min(0.98, (damping - LEAST_DAMPING) / (GREATEST_DAMPING - LEAST_DAMPING))));
    return point;
  };
  const starts = like
    ? [pointAt(like.level, like.season / (1 - like.level), like.slope > 0 ? like.slope / like.level : 0.05, 0.95)]
    : STARTS.map((level) => pointAt(level, START_OF_SEASON, 0.05, 0.95));
  let best = starts[0];
  let value = Infinity;
  for (const start of starts) {
    const found = objective(start, value);
    if (found < value) {
      value = found;
      best = start;
    }
  }
  const half = (history.count <= SHORT ? SHORT_EFFORT : 1) * (budget / 2);
  let squares = minimise(objective, best, value, STEP, half, TOLERANCE);
  if (squares < hopeless) squares = minimise(objective, best, squares, STEP / 2, half, TOLERANCE);
  place(best);
  return {
    trend,
    seasonal,
    smoothing: { ...smoothing },
    initial,
    squares,
    aicc: akaike(squares, history.count, parameterCount(trend, seasonal, season)),
  };
}
