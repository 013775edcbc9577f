import {
  fittingSeason,
  forecastSimply,
  historyOf,
  writeBounded,
  writeSpread,
  type History,
  type LocalSeries,
  type SimpleMethod,
} from '../history.ts';
import { addSeason, LEAST_FACTOR, seasonallyAdjusted, seasonShape, shrinkShape } from '../season-shape.ts';
import { predictMean, predictSpread } from './predict.ts';
import { fitEts } from './select.ts';

const { max, min, sqrt } = Math;

/** Options of {@link forecastEts}. */
export interface EtsOptions {
  /** Receives the standard deviations of the forecasts at the positions of `out`. */
  readonly sd?: Float32Array;
}

/** Periods of history used: the latest, three years of days. */
const LONGEST = 1100;
/** Fewest observed values of a smoothing model. */
const FEWEST = 10;
/** Longest season kept in the recursion; longer ones are taken out before and put back after. */
const LONGEST_SEASON = 24;
/** Cycles a season must have been seen, within the recursion and before it. */
const FEWEST_CYCLES = 2;

/**
 * Exponential smoothing of the form the data choose (see `fitEts`), with analytic standard deviations. Uses the longest
 * of the seasons seen twice; one beyond 24 periods is shrunk, taken out and put back (as `stlf` does), because the
 * recursion would have to estimate each phase from a handful of values. Less than ten values: see `forecastSimply`.
 */
export function forecastEts(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: EtsOptions = {},
): 'ets' | SimpleMethod {
  const history = historyOf(series, max(LONGEST, 6 * max(1, ...seasons)));
  const simple = forecastSimply(history, FEWEST, horizon, out, at, options.sd);
  if (simple) return simple;
  const season = fittingSeason(seasons, history, FEWEST_CYCLES);
  if (season > LONGEST_SEASON) forecastAdjusted(history, season, horizon, out, at, options.sd);
  else {
    const model = fitEts(history, season);
    const mean = predictMean(model, horizon);
    writeBounded(history, mean, out, at);
    if (options.sd) writeSpread(history, predictSpread(model, mean), options.sd, at);
  }
  return 'ets';
}

/** A non-seasonal model of the seasonally adjusted demand. */
function forecastAdjusted(
  history: History,
  season: number,
  horizon: number,
  out: Float32Array,
  at: number,
  sd?: Float32Array,
): void {
  const kind = history.least > 0 ? 'multiplicative' : 'additive';
  const shape = shrinkShape(seasonShape(history, season, kind));
  const model = fitEts({ ...history, demand: seasonallyAdjusted(history, shape) }, 1);
  const mean = predictMean(model, horizon);
  const level = mean.slice();
  addSeason(mean, shape, history.demand.length);
  writeBounded(history, mean, out, at);
  if (!sd) return;
  const spread = predictSpread(model, level);
  // The phase means cost as many degrees of freedom as were kept of them, and err by their share of a value each.
  const lost = min(0.5, (shape.kept * season) / history.count);
  const widening = sqrt((1 + lost) / (1 - lost));
  for (let h = 0; h < horizon; h++) spread[h] *= widening;
  if (kind === 'multiplicative')
    for (let h = 0; h < horizon; h++) spread[h] *= max(LEAST_FACTOR, shape.index[(history.demand.length + h) % season]);
  writeSpread(history, spread, sd, at);
}
