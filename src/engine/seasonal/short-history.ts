import { CAP_FACTOR, historyOf, type LocalSeries } from './history.ts';

const { max, min } = Math;

/** What is known of a series before it has a history: how similar series sell. */
export interface CategoryProfile {
  /** Units a period that similar series sell; NaN if there are none. */
  readonly level: number;
  /** Factors per phase of the season, averaging 1; entry 0 belongs to the first period of the series' arrays. */
  readonly shape: ArrayLike<number>;
  /** Periods of own history that count as much as the profile. */
  readonly priorPeriods: number;
}

/** A forecast from little history and how much of it is the series' own. */
export interface ShortHistoryForecast {
  /** Units per period ahead. */
  readonly mean: Float64Array;
  /** Weight of the own history, 0 (none: all from the profile) to 1. */
  readonly ownWeight: number;
}

/** Own periods beyond which more history adds no trust: the level is theirs. */
const LEVEL_PERIODS = 28;

/**
 * Blends a series' own level with that of its category: the own level is the sum of the latest observed demand over
 * the sum of their phases' factors, its weight n / (n + prior) for n observed periods (at most 28), as a Bayesian mean
 * with a prior worth so many periods. Without own history the profile alone speaks, without a profile the own history;
 * with neither the forecast is 0. The shape is always the category's. No value exceeds twice the greatest of the own
 * values and the profile's level times its greatest factor.
 */
export function forecastShortHistory(
  series: LocalSeries,
  profile: CategoryProfile,
  horizon: number,
): ShortHistoryForecast {
  const { shape, priorPeriods } = profile;
  const season = max(1, shape.length);
  const factor = (period: number) => (shape.length > 0 && shape[period % season] >= 0 ? shape[period % season] : 1);
  const history = historyOf(series, LEVEL_PERIODS);
  const start = series.end - history.demand.length;
  let units = 0;
  let expected = 0;
  history.demand.forEach((value, t) => {
    if (value !== value) return;
    units += value;
    expected += factor(start + t);
  });
  const prior = profile.level >= 0 && profile.level < Infinity ? profile.level : NaN;
  const hasPrior = prior === prior;
  const hasOwn = expected > 0;
  const trust = history.count / (history.count + (priorPeriods > 0 ? priorPeriods : 0));
  const ownWeight = hasOwn ? (hasPrior ? trust : 1) : 0;
  const level = (hasOwn ? ownWeight * (units / expected) : 0) + (hasPrior ? (1 - ownWeight) * prior : 0);
  let greatestFactor = 1;
  for (let p = 0; p < shape.length; p++) greatestFactor = max(greatestFactor, factor(p));
  const cap = CAP_FACTOR * max(history.greatest, hasPrior ? prior * greatestFactor : 0);
  const mean = Float64Array.from({ length: horizon }, (_, h) => min(cap, level * factor(series.end + h)));
  return { mean, ownWeight };
}

/** Options of {@link forecastFromShortHistory}. */
export interface ShortHistoryOptions {
  /** How similar series sell; left out, the own history speaks alone. */
  readonly profile?: CategoryProfile;
}

const NO_PROFILE: CategoryProfile = { level: NaN, shape: [], priorPeriods: 0 };

/**
 * {@link forecastShortHistory} in the form of the other local models. The season is that of the profile; the bound is
 * the wider one stated there.
 */
export function forecastFromShortHistory(
  series: LocalSeries,
  _seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  { profile = NO_PROFILE }: ShortHistoryOptions = {},
): 'short_history' {
  out.set(forecastShortHistory(series, profile, horizon).mean, at);
  return 'short_history';
}
