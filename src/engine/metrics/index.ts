export type { Measure, Numbers } from './point.ts';
export {
  bias,
  forecastValueAdded,
  mae,
  mape,
  mase,
  mse,
  naiveSquaredError,
  r2,
  rmse,
  rmsse,
  seasonalNaiveError,
  smape,
  smoothedTrackingSignal,
  trackingSignal,
  wape,
  weightedScore,
} from './point.ts';
export {
  coverage,
  intervalWidth,
  pinball,
  pinballLoss,
  quantileCrps,
  scaledPinballLoss,
  weightedQuantileLoss,
  winkler,
} from './quantile.ts';
export { AccuracyAccumulator } from './accumulator.ts';
export type { AccuracySummary } from './accumulator.ts';
export { scoringScales, sumByNode, weightedPinball, weightedRmsse } from './weighted.ts';
export type { LevelScales, ScoringHistory, ScoringLevel, WeightedScore } from './weighted.ts';
export { pitCoverage, quantilePit, randomisedPit } from './pit.ts';
export { crossedRatioWithInterval, ratioWithInterval } from './resampling.ts';
export type { Estimate } from './resampling.ts';
