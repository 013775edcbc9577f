import {
  forecastAdida,
  forecastCroston,
  forecastSba,
  forecastTsb,
  type IntermittentOptions,
} from '../intermittent/forecast.ts';
import type { Frequency } from '../series/frequency.ts';
import { forecastEts, type EtsOptions } from './ets/forecast.ts';
import type { LocalSeries } from './history.ts';
import { mstlModel } from './mstl.ts';
import { forecastOptimisedTheta } from './optimised-theta.ts';
import {
  forecastDrift,
  forecastNaive,
  forecastSeasonalNaiveOf,
  forecastSeasonMean,
  type SeasonMeanOptions,
} from './reference-models.ts';
import { forecastFromShortHistory, type ShortHistoryOptions } from './short-history.ts';
import { forecastAdditive, type AdditiveOptions } from './structural.ts';

/** Options of all local models; each reads its own. */
export type LocalModelOptions = EtsOptions &
  SeasonMeanOptions &
  AdditiveOptions &
  IntermittentOptions &
  ShortHistoryOptions;

/**
 * A model of one series by itself.
 * @param seasons lengths after which demand repeats, in periods, ascending; models with one season take the longest
 *   they have seen often enough
 * @param out receives `horizon` values from `at` on, each between 0 and CAP_FACTOR times the greatest observed value
 * @returns the method that gave the forecast: the model's own name, or that of the simpler one that stood in
 */
export type LocalModel = (
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options?: LocalModelOptions,
) => string;

/** The local models by name; names are stable. */
export const LOCAL_MODELS = {
  naive: forecastNaive,
  drift: forecastDrift,
  seasonal_naive: forecastSeasonalNaiveOf,
  season_mean: forecastSeasonMean,
  ets: forecastEts,
  theta: forecastOptimisedTheta,
  additive: forecastAdditive,
  croston: forecastCroston,
  sba: forecastSba,
  tsb: forecastTsb,
  adida: forecastAdida,
  short_history: forecastFromShortHistory,
} as const satisfies Readonly<Record<string, LocalModel>>;

export type LocalModelName = keyof typeof LOCAL_MODELS | 'mstl';

/** All local models, with `mstl` made from the bytes of its WebAssembly module (see `mstlModel`). */
export function localModelsWith(mstl: Uint8Array): Readonly<Record<LocalModelName, LocalModel>> {
  return { ...LOCAL_MODELS, mstl: mstlModel(mstl) };
}

/** Seasons of each frequency, for the models above. */
export const LOCAL_SEASONS: Readonly<Record<Frequency, readonly number[]>> = {
  hourly: [24, 168],
  daily: [7],
  weekly: [52],
  monthly: [12],
};

/** Length of the year in periods, where it is not one of the seasons: for the additive model's yearly part. */
export const LOCAL_YEAR: Readonly<Record<Frequency, number | undefined>> = {
  hourly: 8766,
  daily: 365.25,
  weekly: undefined,
  monthly: undefined,
};
