import { minimise } from './ets/minimise.ts';
import {
  fittingSeason,
  forecastSimply,
  historyOf,
  writeBounded,
  type LocalSeries,
  type SimpleMethod,
} from './history.ts';
import { addSeason, isSeasonal, seasonallyAdjusted, seasonShape, shrinkShape } from './season-shape.ts';

const { exp, log, max, min } = Math;

const LONGEST = 1100;
const FEWEST = 10;
/** Cycles that a season must have been seen for an adjustment. */
const FEWEST_CYCLES = 2;
/** Bounds of θ: 1 leaves no drift, 2 is the classical method, beyond 5 the drift is nearly the whole slope. */
const GREATEST_THETA = 5;
const ALPHAS = [0.03, 0.15, 0.5];
const BUDGET = 22;
const TOLERANCE = 5e-4;

/**
 * Optimised theta method (Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler, "Models for optimising the theta
 * method", 2016, the OTM): the mean of the linear trend and a smoothed theta line, with the smoothing constant and θ
 * that minimise the squared one-step errors. The demand is first freed of its longest season seen twice, by shrunken
 * factors, if the season is more than chance. Less than ten values: see `forecastSimply`.
 */
export function forecastOptimisedTheta(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
): 'theta' | SimpleMethod {
  const history = historyOf(series, max(LONGEST, 6 * max(1, ...seasons)));
  const simple = forecastSimply(history, FEWEST, horizon, out, at);
  if (simple) return simple;
  const season = fittingSeason(seasons, history, FEWEST_CYCLES);
  const shape = season > 1 ? seasonShape(history, season, 'multiplicative') : null;
  const shrunken = shape && isSeasonal(shape) ? shrinkShape(shape) : null;
  const raw = drawOn(shrunken ? seasonallyAdjusted(history, shrunken) : history.demand, horizon);
  if (shrunken) addSeason(raw, shrunken, history.demand.length);
  writeBounded(history, raw, out, at);
  return 'theta';
}

/** Intercept and slope of the least-squares line through the observed values; period t stands at t + 1. */
function lineThrough(demand: Float64Array): { intercept: number; slope: number } {
  let count = 0;
  let sumT = 0;
  let sumY = 0;
  let sumTT = 0;
  let sumTY = 0;
  for (let t = 0; t < demand.length; t++) {
    const value = demand[t];
    if (value !== value) continue;
    count++;
    sumT += t + 1;
    sumY += value;
    sumTT += (t + 1) * (t + 1);
    sumTY += (t + 1) * value;
  }
  const spread = count * sumTT - sumT * sumT;
  const slope = spread > 0 ? (count * sumTY - sumT * sumY) / spread : 0;
  return { intercept: count > 0 ? (sumY - slope * sumT) / count : 0, slope };
}

/** Forecasts the seasonally adjusted demand, gaps (NaN) skipped. */
function drawOn(demand: Float64Array, horizon: number): Float64Array {
  const { intercept, slope } = lineThrough(demand);
  const n = demand.length;
  let start = 0;
  let head = 0;
  for (let t = 0; t < n && head < FEWEST; t++) {
    if (demand[t] !== demand[t]) continue;
    start += demand[t];
    head++;
  }
  start = head > 0 ? start / head : 0;
  let level = start;
  /**
   * One pass; `weight` = 1 − 1/θ. The trend line's part starts as `weight` of the line and, by the powers of 1 − α, turns
   * into a lead over the level that makes up for its lag; the level starts as the rest.
   */
  const pass = (alpha: number, weight: number, limit: number) => {
    level = (1 - weight) * start;
    const rest = 1 - alpha;
    let fading = 1;
    let squares = 0;
    const steady = (weight * slope) / alpha;
    const early = weight * intercept;
    for (let t = 0; t < n && squares <= limit; t++) {
      const next = fading * rest;
      const expected = level + early * fading + steady * (1 - next);
      fading = next;
      const error = demand[t] - expected;
      if (error !== error) continue;
      squares += error * error;
      level += alpha * (demand[t] - level);
    }
    return squares <= limit ? squares : Infinity;
  };
  const alphaOf = (x: number) => 0.005 + 0.99 / (1 + exp(-max(-8, min(8, x))));
  const weightOf = (x: number) => 1 - 1 / (1 + (GREATEST_THETA - 1) / (1 + exp(-max(-8, min(8, x)))));
  const objective = (point: Float64Array, limit: number) => pass(alphaOf(point[0]), weightOf(point[1]), limit);
  let best = new Float64Array(2);
  let value = Infinity;
  for (const alpha of ALPHAS) {
    const point = new Float64Array([log(alpha / (1 - alpha)), log(1 / 3)]);
    const found = objective(point, value);
    if (found >= value) continue;
    value = found;
    best = point;
  }
  minimise(objective, best, value, 1, BUDGET, TOLERANCE);
  const alpha = alphaOf(best[0]);
  const weight = weightOf(best[1]);
  pass(alpha, weight, Infinity);
  let fading = (1 - alpha) ** n;
  return Float64Array.from({ length: horizon }, () => {
    const next = fading * (1 - alpha);
    const expected = level + weight * (fading * intercept + ((1 - next) / alpha) * slope);
    fading = next;
    level += alpha * (expected - level);
    return expected;
  });
}
