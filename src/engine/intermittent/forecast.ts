import {
  fittingSeason,
  forecastSimply,
  historyOf,
  writeBounded,
  type LocalSeries,
  type SimpleMethod,
} from '../seasonal/history.ts';
import { addSeason, isSeasonal, seasonShape, shrinkShape } from '../seasonal/season-shape.ts';
import { adidaRate } from './adida.ts';
import { crostonRate, sbaRate, tsbRate } from './croston.ts';

/** Periods of history used. */
const LONGEST = 1100;
/** Fewest observed values for a rate of its own; below, their mean is as good. */
const FEWEST = 4;
/** Cycles a season must have been seen to shape a rate. */
const FEWEST_CYCLES = 3;

/** Options of the intermittent models. */
export interface IntermittentOptions {
  /**
   * `even`: the same rate in every period ahead. `seasonal`: shaped by the season, if the history shows one that is
   * more than chance.
   */
  readonly spread?: 'even' | 'seasonal';
}

function forecastRate<Method extends string>(
  method: Method,
  rateOf: (series: LocalSeries) => number,
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  spread: 'even' | 'seasonal',
): Method | SimpleMethod {
  const history = historyOf(series, LONGEST);
  const simple = forecastSimply(history, FEWEST, horizon, out, at);
  if (simple) return simple;
  const { demand } = history;
  const rate = rateOf({
    values: demand,
    observed: Uint8Array.from(demand, (value) => (value === value ? 1 : 0)),
    offset: 0,
    first: 0,
    end: demand.length,
  });
  const raw = new Float64Array(horizon).fill(rate);
  const season = spread === 'seasonal' ? fittingSeason(seasons, history, FEWEST_CYCLES) : 1;
  if (season > 1) {
    const shape = seasonShape(history, season, 'multiplicative');
    if (isSeasonal(shape)) addSeason(raw, shrinkShape(shape), demand.length);
  }
  writeBounded(history, raw, out, at);
  return method;
}

/** Croston's method, see `crostonRate`; the same rate in every period unless asked otherwise. */
export function forecastCroston(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: IntermittentOptions = {},
): 'croston' | SimpleMethod {
  return forecastRate('croston', crostonRate, series, seasons, horizon, out, at, options.spread ?? 'even');
}

/** Croston's method with the correction of Syntetos & Boylan, see `sbaRate`. */
export function forecastSba(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: IntermittentOptions = {},
): 'sba' | SimpleMethod {
  return forecastRate('sba', sbaRate, series, seasons, horizon, out, at, options.spread ?? 'even');
}

/** The method of Teunter, Syntetos & Babai, see `tsbRate`. */
export function forecastTsb(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: IntermittentOptions = {},
): 'tsb' | SimpleMethod {
  return forecastRate('tsb', tsbRate, series, seasons, horizon, out, at, options.spread ?? 'even');
}

/** Aggregation and disaggregation, see `adidaRate`; shared out by the season unless asked otherwise. */
export function forecastAdida(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: IntermittentOptions = {},
): 'adida' | SimpleMethod {
  const rate = (cleaned: LocalSeries) => adidaRate(cleaned).rate;
  return forecastRate('adida', rate, series, seasons, horizon, out, at, options.spread ?? 'seasonal');
}
