import type { CalendarTable } from '../features/calendar.ts';
import { classifyDemand } from '../intermittent/classify.ts';
import { sbaRate, tsbRate } from '../intermittent/croston.ts';
import { AdditiveModel } from '../seasonal/additive.ts';
import { forecastSeasonalNaive, forecastWeekdayMean } from '../seasonal/naive.ts';
import { forecastSmoothedLevel, pooledWeekdayProfiles } from '../seasonal/profile.ts';
import { sliceOf, type SeriesSlice } from '../seasonal/slice.ts';
import { forecastTheta } from '../seasonal/theta.ts';
import { groupByCategoryAndLocation } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';

/** The members that need no training, in the order of their weights. */
export const SIMPLE_MEMBERS = [
  'seasonal_naive',
  'weekday_mean',
  'smoothed_level',
  'theta',
  'additive',
  'intermittent',
] as const;

/** Smoothing constant of the level; the best of .02, .04 and .08 on grocery data. */
const LEVEL_ALPHA = 0.04;
const WEEKS_OF_MEAN = 8;
/** Days a demand class is judged on. */
export const CLASS_DAYS = 365;

/** Forecasts of all simple members for the days after the panel's end, each `[seriesIndices * horizon]`. */
export function forecastSimpleMembers(
  panel: Panel,
  observed: Uint8Array,
  calendar: CalendarTable,
  seriesIndices: Int32Array,
  horizon: number,
): Float32Array[] {
  const groups = groupByCategoryAndLocation(panel);
  const profiles = pooledWeekdayProfiles(panel, observed, groups);
  const additive = new AdditiveModel(panel, observed, calendar, horizon);
  const members = SIMPLE_MEMBERS.map(() => new Float32Array(seriesIndices.length * horizon));
  const [naive, weekday, smoothed, theta, trend, intermittent] = members;
  seriesIndices.forEach((series, row) => {
    const slice = sliceOf(panel, observed, series);
    const at = row * horizon;
    const group = groups.groupOf[series];
    const profile = profiles.subarray(group * 7, group * 7 + 7);
    forecastSeasonalNaive(slice, horizon, naive, at);
    forecastWeekdayMean(slice, WEEKS_OF_MEAN, horizon, weekday, at);
    forecastSmoothedLevel(slice, LEVEL_ALPHA, profile, horizon, smoothed, at);
    forecastTheta(slice, profile, horizon, theta, at);
    trend.set(additive.forecast(series).mean, at);
    forecastIntermittent(slice, profile, horizon, intermittent, at);
  });
  return members;
}

/** SBA for products that sell steadily, TSB for those that sell rarely and may fade; both shaped by the weekday. */
function forecastIntermittent(
  slice: SeriesSlice,
  profile: ArrayLike<number>,
  horizon: number,
  out: Float32Array,
  at: number,
): void {
  const { demandClass } = classifyDemand(slice, CLASS_DAYS);
  const rate = demandClass === 'smooth' || demandClass === 'erratic' ? sbaRate(slice) : tsbRate(slice);
  for (let h = 0; h < horizon; h++) out[at + h] = rate * profile[(slice.weekdayOfDayZero + slice.end + h) % 7];
}
