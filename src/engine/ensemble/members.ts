import type { CalendarTable } from '../features/calendar.ts';
import { classifyDemand } from '../intermittent/classify.ts';
import { sbaRate, tsbRate } from '../intermittent/croston.ts';
import { AdditiveModel } from '../seasonal/additive.ts';
import { LOCAL_MODELS, LOCAL_SEASONS } from '../seasonal/local-models.ts';
import { forecastSeasonalNaive, forecastWeekdayMean } from '../seasonal/naive.ts';
import { forecastSmoothedLevel, pooledWeekdayProfiles } from '../seasonal/profile.ts';
import { sliceOf, type SeriesSlice } from '../seasonal/slice.ts';
import { forecastTheta } from '../seasonal/theta.ts';
import type { Frequency } from '../series/frequency.ts';
import { groupByCategoryAndLocation } from '../series/groups.ts';
import type { Panel } from '../series/panel.ts';
import { classPeriods } from './segments.ts';

/** Means of several members, each `[seriesIndices * horizon]`. */
export interface LocalForecasts {
  readonly names: readonly string[];
  readonly means: readonly Float32Array[];
}

/** Members that need no training, in the order of their weights. */
const DAILY_MEMBERS = [
  'seasonal_naive',
  'weekday_mean',
  'smoothed_level',
  'theta',
  'additive',
  'intermittent',
] as const;
/** The same where the season is not the week, by their names among the local models. */
const GENERAL_MEMBERS = ['seasonal_naive', 'season_mean', 'naive', 'ets', 'theta', 'additive', 'tsb'] as const;

/** Smoothing constant of the level; the best of .02, .04 and .08 on grocery data. */
const LEVEL_ALPHA = 0.04;
const WEEKS_OF_MEAN = 8;
/** In larger panels the pooled models have seen everything, and a regression of each series is left out. */
const MOST_SERIES_FOR_ADDITIVE = 5000;

/** Names of the local members at a frequency. */
export function localMemberNames(frequency: Frequency): readonly string[] {
  return frequency === 'daily' ? DAILY_MEMBERS : GENERAL_MEMBERS;
}

/** Forecasts of all local members for the periods after the panel's end. */
export function forecastLocalMembers(
  panel: Panel,
  observed: Uint8Array,
  calendar: CalendarTable,
  seriesIndices: Int32Array,
  horizon: number,
): LocalForecasts {
  const frequency = panel.frequency ?? 'daily';
  return frequency === 'daily'
    ? forecastDailyMembers(panel, observed, calendar, seriesIndices, horizon)
    : forecastGeneralMembers(panel, observed, frequency, seriesIndices, horizon);
}

function forecastGeneralMembers(
  panel: Panel,
  observed: Uint8Array,
  frequency: Frequency,
  seriesIndices: Int32Array,
  horizon: number,
): LocalForecasts {
  const seasons = LOCAL_SEASONS[frequency];
  const means = GENERAL_MEMBERS.map((name) => {
    const out = new Float32Array(seriesIndices.length * horizon);
    seriesIndices.forEach((series, row) => {
      LOCAL_MODELS[name](sliceOf(panel, observed, series), seasons, horizon, out, row * horizon);
    });
    return out;
  });
  return { names: GENERAL_MEMBERS, means };
}

function forecastDailyMembers(
  panel: Panel,
  observed: Uint8Array,
  calendar: CalendarTable,
  seriesIndices: Int32Array,
  horizon: number,
): LocalForecasts {
  const groups = groupByCategoryAndLocation(panel);
  const profiles = pooledWeekdayProfiles(panel, observed, groups);
  const isSmall = panel.seriesCount <= MOST_SERIES_FOR_ADDITIVE;
  const additive = isSmall ? new AdditiveModel(panel, observed, calendar, horizon) : null;
  const names = DAILY_MEMBERS.filter((name) => isSmall || name !== 'additive');
  const means = names.map(() => new Float32Array(seriesIndices.length * horizon));
  seriesIndices.forEach((series, row) => {
    const slice = sliceOf(panel, observed, series);
    const at = row * horizon;
    const group = groups.groupOf[series];
    const profile = profiles.subarray(group * 7, group * 7 + 7);
    const forecast: Readonly<Record<(typeof DAILY_MEMBERS)[number], (out: Float32Array) => void>> = {
      seasonal_naive: (out) => forecastSeasonalNaive(slice, horizon, out, at),
      weekday_mean: (out) => forecastWeekdayMean(slice, WEEKS_OF_MEAN, horizon, out, at),
      smoothed_level: (out) => forecastSmoothedLevel(slice, LEVEL_ALPHA, profile, horizon, out, at),
      theta: (out) => forecastTheta(slice, profile, horizon, out, at),
      additive: (out) => {
        if (additive !== null) out.set(additive.forecast(series).mean, at);
      },
      intermittent: (out) => forecastIntermittent(slice, profile, horizon, out, at),
    };
    names.forEach((name, m) => forecast[name](means[m]));
  });
  return { names, means };
}

/** SBA for products that sell steadily, TSB for those that sell rarely and may fade; both shaped by the weekday. */
function forecastIntermittent(
  slice: SeriesSlice,
  profile: ArrayLike<number>,
  horizon: number,
  out: Float32Array,
  at: number,
): void {
  const { demandClass } = classifyDemand(slice, classPeriods('daily'));
  const rate = demandClass === 'smooth' || demandClass === 'erratic' ? sbaRate(slice) : tsbRate(slice);
  for (let h = 0; h < horizon; h++) out[at + h] = rate * profile[(slice.weekdayOfDayZero + slice.end + h) % 7];
}
