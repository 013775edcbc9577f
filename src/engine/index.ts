/** The only door of the forecasting library: pure functions over typed arrays, the same input gives the same bits. */
export { createRng, type Rng } from './rng.ts';
export * from './errors.ts';
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
export { MAX_HORIZON } from './series/check.ts';
export * from './gbdt/index.ts';
export * from './metrics/index.ts';
export * from './replenishment/index.ts';
export { COLD_START_DAYS, LIMITED_DAYS, SEGMENTS } from './ensemble/segments.ts';
export { DEMAND_CLASSES, type DemandClass } from './intermittent/classify.ts';
export { sumDistribution, type SumDistribution } from './intervals/sums.ts';
export * from './pipeline/types.ts';
export { trainForecaster } from './pipeline/train.ts';
export { forecastWith } from './pipeline/forecast.ts';
