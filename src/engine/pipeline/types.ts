import type { LeaderboardScore } from '../backtest/leaderboard.ts';

/** How much of the work of a fit is done; `percent` runs from 0 to 100. */
export interface TrainHooks {
  readonly onProgress?: (percent: number, message: string) => void;
  /** Asked often; true stops the work with a CancelledError. */
  readonly isCancelled?: () => boolean;
  /**
   * Told of each fit when it is done, with a text from which a later call of the same input goes on without fitting
   * again; the result is the same to the bit.
   */
  readonly onFitted?: (name: string, text: string) => void;
  /** Texts of an earlier call's {@link onFitted}, by name. */
  readonly fitted?: ReadonlyMap<string, string>;
}

/**
 * How much computing a training may spend. `quick` is for samples and tests, `standard` for every day,
 * `thorough` for a nightly run with time to spare.
 */
export type Budget = 'quick' | 'standard' | 'thorough';

/** Values of the days after the panel's end, series-major `[seriesCount * horizon]`; NaN = the last known value holds. */
export interface FuturePlan {
  readonly price?: Float32Array | null;
  readonly promotion?: Float32Array | null;
}

/**
 * A member of the ensemble that was forecast elsewhere. Its weights are learned like those of the others, and nothing of
 * it enters the model text: {@link forecastWith} forecasts without it, by lessons learned without it.
 */
export interface ExtraMember {
  /** Not the name of another member. */
  readonly name: string;
  /**
   * Means per origin, series-major `[seriesCount * width]`. An origin is the number of periods visible to the forecast:
   * each validation origin and the hold-out's, where the width is the length of a fold, and the panel's end, where it is
   * the horizon. Entries below 0 or not finite, such as NaN, count as not forecast and take the mean of the other
   * members. A member takes part in a forecast if it is there at its origin and at every earlier one; never without a
   * validation fold.
   */
  readonly meansAt: ReadonlyMap<number, Float32Array>;
}

/** Settings of {@link trainForecaster}; what is left out takes the default named beside it. */
export interface TrainOptions {
  /** Seed of every random choice (1). */
  readonly seed?: number;
  /** Periods ahead, at most {@link MAX_HORIZON}; if absent 168 hours, 28 days, 8 weeks or 12 months. */
  readonly horizon?: number;
  /**
   * Periods at the end of the panel on which the model is judged before the refit on everything (30 days, else the
   * horizon). 0 = no hold-out: quicker, and the validation folds reach to the panel's end.
   */
  readonly holdOutPeriods?: number;
  /**
   * True where the values of the target day are known when the forecast is made (planned prices, planned promotions).
   * False by default: then only what was known at the origin is used.
   */
  readonly known?: { readonly price?: boolean; readonly promotion?: boolean };
  /** Planned values for the final forecast; only read where `known` says so. */
  readonly future?: FuturePlan;
  /** Rows sampled for each boosted model; the budget decides if absent. */
  readonly maxTrainingRows?: number;
  /** Target periods reach back at most so many periods (3.8 years). */
  readonly trainingWindow?: number;
  /** Threads that share a fit (1); the result does not depend on it. */
  readonly threads?: number;
  /** Default `standard`. */
  readonly budget?: Budget;
  /** Forecasts made elsewhere that compete with the members of the ensemble. */
  readonly extraMembers?: readonly ExtraMember[];
}

/** How much history stands behind a series' forecast. */
export const SUFFICIENCY_NAMES = ['full', 'limited', 'cold_start'] as const;
export type Sufficiency = (typeof SUFFICIENCY_NAMES)[number];

/** Levels of the quantiles every forecast carries. */
export const QUANTILE_LEVELS: readonly number[] = [0.005, 0.025, 0.1, 0.165, 0.25, 0.5, 0.75, 0.835, 0.9, 0.975, 0.995];

/** The mean forecast of one member of the ensemble, `[seriesCount * horizon]`. */
export interface ComponentForecast {
  readonly name: string;
  readonly mean: Float32Array;
}

/** Forecasts of the sums over the locations of each product. Means add up; quantiles come from residuals of the sums. */
export interface ProductTotals {
  /** Product codes, ascending; row `r` of the arrays belongs to `products[r]`. */
  readonly products: Int32Array;
  readonly mean: Float32Array;
  readonly quantiles: readonly Float32Array[];
  /** Variance of one day divided by its mean. */
  readonly dispersion: Float32Array;
}

/** Daily forecasts of several series. Arrays are series-major: row `r`, day `h` at `r * horizon + h`. */
export interface Forecast {
  /** First forecast day, counted from 1970-01-01. */
  readonly startPeriod: number;
  readonly horizon: number;
  /** Rows of the arrays: row `r` is series `seriesIndices[r]` of the panel. */
  readonly seriesIndices: Int32Array;
  readonly levels: readonly number[];
  /** Expected units. */
  readonly mean: Float32Array;
  /** One array per level; never negative, never crossing. */
  readonly quantiles: readonly Float32Array[];
  readonly components: readonly ComponentForecast[];
  /** Index into {@link SUFFICIENCY_NAMES} per row. */
  readonly sufficiency: Uint8Array;
  /**
   * Per row: how far the level rests on the series' own history, 1 unless the series is a cold start, where the rest is
   * what the same product elsewhere or its category at the place tells; 0 = no history at all.
   */
  readonly ownWeight: Float32Array;
  /** Index into {@link SEGMENTS} per row: whose weights combined the members. */
  readonly segment: Uint8Array;
  /** Per row: variance of one day's demand around its forecast, divided by the day's mean. */
  readonly dispersion: Float32Array;
  /** Entry `n - 1`: variance of an n-day sum over the sum of the n daily variances, measured on sums. */
  readonly sumInflation: Float32Array;
  readonly productTotals: ProductTotals;
}

/** Accuracy of one forecast over a set of (series, day) pairs. Null where a measure is not defined. */
export interface Accuracy {
  readonly count: number;
  readonly mae: number | null;
  readonly rmse: number | null;
  readonly r2: number | null;
  /** Percent, over days with sales. */
  readonly mape: number | null;
  /** Days without sales, left out of MAPE. */
  readonly mapeZeroCount: number;
  readonly wape: number | null;
  /** (sum forecast - sum actual) / sum actual. */
  readonly bias: number | null;
  /** Mean over the series for which it is defined; scale = seasonal naive (7 days) error before the hold-out. */
  readonly mase: number | null;
  readonly rmsse: number | null;
  /** Mean pinball loss of P10, P50 and P90; null where there are no quantiles. */
  readonly pinball: number | null;
  /** The same quantile by quantile. */
  readonly pinballByLevel: { readonly p10: number; readonly p50: number; readonly p90: number } | null;
  /** Share of the actuals inside the closed interval P10..P90, nominally 0.8. */
  readonly coverage: number | null;
}

/** Accuracy of one member. */
export interface MemberAccuracy {
  readonly name: string;
  readonly accuracy: Accuracy;
}

/** Accuracy of the ensemble over days `from`..`to` ahead, both included, counted from 1. */
export interface HorizonAccuracy {
  readonly from: number;
  readonly to: number;
  readonly accuracy: Accuracy;
}

/** Accuracy of the ensemble series by series; NaN where not defined. */
export interface SeriesAccuracy {
  readonly wape: Float32Array;
  readonly mae: Float32Array;
  readonly bias: Float32Array;
  readonly mase: Float32Array;
  readonly coverage: Float32Array;
}

/** What was found on the days held out. */
export interface Evaluation {
  /** Ordinal of the first period held out, and their number. */
  readonly holdOutStart: number;
  readonly holdOutPeriods: number;
  readonly ensemble: Accuracy;
  readonly members: readonly MemberAccuracy[];
  /** WAPE of the last seven days repeated. */
  readonly seasonalNaiveWape: number | null;
  readonly byHorizon: readonly HorizonAccuracy[];
  readonly bySeries: SeriesAccuracy;
  /** The sums over the locations of each product. */
  readonly productTotals: Accuracy;
}

/** What the panel looked like. */
export interface DatasetFacts {
  readonly seriesCount: number;
  readonly periodCount: number;
  readonly startPeriod: number;
  readonly endDay: number;
  readonly totalUnits: number;
  /** Share of the observed days without a sale. */
  readonly zeroShare: number;
  /** Observed days on which the product was out of stock. */
  readonly stockoutDays: number;
  /** Series per demand class, by name. */
  readonly demandClasses: Readonly<Record<string, number>>;
  /** Series per sufficiency, by name. */
  readonly sufficiency: Readonly<Record<Sufficiency, number>>;
}

/** Weights of the members in one segment; they are non-negative and add up to 1. */
export interface SegmentWeights {
  readonly segment: string;
  readonly members: readonly string[];
  readonly weights: readonly number[];
}

/** Forecasts of the days held out beside what was sold, so that every measure can be computed again. */
export interface HoldOut {
  readonly forecast: Forecast;
  /** Units sold `[seriesCount * days]`; NaN where the series was not on sale or was out of stock. */
  readonly actual: Float32Array;
}

/** Everything a training yields. */
export interface TrainingResult {
  /** Versioned, checksummed text from which {@link forecastWith} forecasts; extra members are not in it. */
  readonly model: string;
  /** Null where the history is too short to hold days out. */
  readonly evaluation: Evaluation | null;
  readonly holdOut: HoldOut | null;
  readonly facts: DatasetFacts;
  /** Weights of the deployed ensemble. */
  readonly weights: readonly SegmentWeights[];
  /** Members and ensemble ranked over the folds, all and by segment; empty without folds. */
  readonly leaderboard: readonly LeaderboardScore[];
  readonly featureNames: readonly string[];
  /** Forecast of the days after the panel's end, by the model refitted on all days. */
  readonly forecast: Forecast;
}

/** Settings of {@link forecastWith}. */
export interface ForecastOptions {
  /** Days ahead, 1..366; the training's horizon if absent. */
  readonly horizon?: number;
  /** The series to forecast; all if absent. Every series of their products counts in the product totals. */
  readonly seriesIndices?: Int32Array;
  readonly future?: FuturePlan;
}
