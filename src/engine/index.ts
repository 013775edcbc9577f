/** The only door of the forecasting library: pure functions over typed arrays, the same input gives the same bits. */

// Panels: sales of many series, their periods and days.
export type { CalendarEvent, Covariate, Panel, SeriesAttribute } from './series/panel.ts';
export {
  dayOfPeriod,
  FREQUENCIES,
  hourOfPeriod,
  periodOfDay,
  TRAITS,
  type Frequency,
  type FrequencyTraits,
} from './series/frequency.ts';
export { civilFromDay, dayFromCivil, dayOfYear, isoWeek, weekdayOf, type CivilDate } from './series/days.ts';
export {
  AVAILABILITY_STATES,
  availabilityStates,
  observedDays,
  type AvailabilityState,
} from './series/availability.ts';
export { unconstrainDemand } from './censoring/unconstrain.ts';
export { MAX_HORIZON } from './series/check.ts';
export { truncatePanel } from './series/truncate.ts';
export { silentDays } from './series/silent-days.ts';
export { createRng, type Rng } from './rng.ts';
export * from './errors.ts';

// Forecasting: an ensemble trained, judged and applied.
export * from './pipeline/types.ts';
export { trainForecaster } from './pipeline/train.ts';
export { NETWORK_MEMBER, trainForecasterWithNetwork, type NetworkSettings } from './pipeline/network-member.ts';
export { assembleParts, forecastPart, forecastWith, type ForecastPart } from './pipeline/forecast.ts';
export { trainingRowsOf } from './pipeline/settings.ts';
export { trainingRows, type TrainingRows } from './pipeline/training-rows.ts';
export { COLD_START_DAYS, LIMITED_DAYS, SEGMENTS } from './ensemble/segments.ts';
export { classifyDemand, DEMAND_CLASSES, type DemandClass, type DemandPattern } from './intermittent/classify.ts';
export { forecastColdStart, type ColdStartForecast } from './ensemble/cold-start.ts';
export { alignToTotals, type AlignmentLevel } from './ensemble/align.ts';

// Models by themselves: boosted trees, networks, and those of one series.
export * from './gbdt/index.ts';
export * from './neural/index.ts';
export {
  LOCAL_MODELS,
  LOCAL_SEASONS,
  LOCAL_YEAR,
  localModelsWith,
  type LocalModel,
  type LocalModelName,
  type LocalModelOptions,
} from './seasonal/local-models.ts';
export { AdditiveModel, type AdditiveForecast } from './seasonal/additive.ts';
export { CALENDAR_PARTS } from './seasonal/calendar-design.ts';
export type { LocalSeries } from './seasonal/history.ts';
export { sliceOf, type SeriesSlice } from './seasonal/slice.ts';

// Features: design matrices that see nothing past their origins.
export { buildCalendar, eventVocabulary, type CalendarTable } from './features/calendar.ts';
export { featureSource, type FeatureSource } from './features/history.ts';
export { featureSchema, type SignalAvailability } from './features/schema.ts';
export { FEATURE_MEANING, type Feature, type FeatureKind } from './features/spec.ts';
export { computeFeatures, computePanelFeatures, horizonRows, sampleRows, type RowKeys } from './features/rows.ts';

// Explanations: what moves a forecast.
export { explainBooster, type Contributions } from './explain/tree-shap.ts';
export { driverOf, driverShares, DRIVERS, type Driver, type DriverShares, type ScoreLink } from './explain/drivers.ts';
export {
  explainForecast,
  FORECAST_DRIVERS,
  type ExplanationRequest,
  type ForecastDriver,
  type ForecastExplanation,
} from './pipeline/explanation.ts';

// Uncertainty of one period: ranks and bounds that hold for finitely many past errors.
export { conformalBound, conformalQuantile, conformalRank } from './intervals/conformal.ts';

// Uncertainty of sums: over days, products and places.
export { sumDistribution, type SumDistribution } from './intervals/sums.ts';
export { createSamplePaths, type PathSettings, type SamplePaths } from './intervals/paths.ts';
export { quantilesOfNodes, quantilesOfSums, type PathSum, type SumQuantiles } from './intervals/path-sums.ts';
export {
  independentErrors,
  learnCommonErrors,
  persistenceOf,
  type CommonErrors,
  type ErrorFold,
  type ShockGroup,
} from './intervals/common-errors.ts';
export {
  aggregateQuantiles,
  fitAggregateSpread,
  nodeSpread,
  SPREAD_WINDOWS,
  type AggregateFold,
  type SpreadWindow,
} from './intervals/aggregate.ts';

// Hierarchies: forecasts that add up.
export * from './hierarchy/index.ts';

// Judgement: measures, where to hold periods out, and members ranked.
export { planBacktest, type BacktestPlan } from './backtest/plan.ts';
export * from './metrics/index.ts';
export {
  leaderboard,
  naiveScales,
  type LeaderboardFold,
  type LeaderboardScore,
  type MemberForecast,
} from './backtest/leaderboard.ts';

// Signals: what each group of them gains.
export {
  ablateSignals,
  type Ablation,
  type AblationOptions,
  type SignalComparison,
  type SignalGain,
  type SignalVerdict,
} from './ablation/ablate.ts';
export type { AblationScore } from './ablation/outcomes.ts';
export type { SignalGroup } from './ablation/signal-group.ts';

// Spikes: products that suddenly sell far more than expected.
export * from './spikes/spikes.ts';

// Stock: what to order.
export * from './replenishment/index.ts';
