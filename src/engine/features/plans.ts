import type { Frequency } from '../series/frequency.ts';
import { feature, type CalendarField, type Feature } from './spec.ts';

/** Which lengths the features of a frequency have, in periods; windows and years come from its traits. */
export interface FeaturePlan {
  /** Steps of the season-aligned lags. */
  readonly lags: readonly number[];
  readonly ewmaAlphas: readonly number[];
  /** A short and a long window for spread, shares of selling periods and covariates' means. */
  readonly short: number;
  readonly medium: number;
  readonly long: number;
  /** Seasons with the word for them and the repetitions their means go over. */
  readonly seasons: readonly { readonly word: string; readonly length: number; readonly repeats: readonly number[] }[];
  /** Repetitions of the first season in the profile of a group. */
  readonly profileRepeats: number;
  /** Odd windows around the same time last year: narrow for the profile of the season, wide for a mean. */
  readonly yearAgo: readonly [number, number];
  readonly ageCap: number;
  /** Periods after which the response of demand to prices and promotions is learned anew. */
  readonly responseStep: number;
  readonly calendar: readonly (readonly [name: string, field: CalendarField])[];
  /** Unit in which the calendar counts distances to events, and periods per unit. */
  readonly eventUnit: string;
  readonly periodsPerEventUnit: number;
}

const DAY_FIELDS = [
  ['weekday', 'weekday'],
  ['day_of_month', 'dayOfMonth'],
  ['week', 'week'],
  ['month', 'month'],
  ['quarter', 'quarter'],
] as const;

export const FEATURE_PLANS: Readonly<Record<Frequency, FeaturePlan>> = {
  hourly: {
    lags: [1, 24, 168],
    ewmaAlphas: [0.01, 0.1],
    short: 24,
    medium: 168,
    long: 672,
    seasons: [
      { word: 'hour_of_day', length: 24, repeats: [3, 7, 28] },
      { word: 'hour_of_week', length: 168, repeats: [2, 4, 8] },
    ],
    profileRepeats: 14,
    yearAgo: [25, 169],
    ageCap: 17_472,
    responseStep: 168,
    calendar: [['hour', 'hour'], ...DAY_FIELDS],
    eventUnit: 'day',
    periodsPerEventUnit: 24,
  },
  daily: {
    lags: [1, 7, 30],
    ewmaAlphas: [0.03, 0.12],
    short: 7,
    medium: 28,
    long: 112,
    seasons: [{ word: 'weekday', length: 7, repeats: [4, 8, 26] }],
    profileRepeats: 8,
    yearAgo: [7, 29],
    ageCap: 800,
    responseStep: 14,
    calendar: DAY_FIELDS,
    eventUnit: 'day',
    periodsPerEventUnit: 1,
  },
  weekly: {
    lags: [1, 2, 52],
    ewmaAlphas: [0.1, 0.3],
    short: 4,
    medium: 13,
    long: 26,
    seasons: [{ word: 'week_of_year', length: 52, repeats: [1, 2] }],
    profileRepeats: 2,
    yearAgo: [3, 5],
    ageCap: 114,
    responseStep: 1,
    calendar: [
      ['week', 'week'],
      ['month', 'month'],
      ['quarter', 'quarter'],
      ['day_of_month', 'dayOfMonth'],
    ],
    eventUnit: 'week',
    periodsPerEventUnit: 1,
  },
  monthly: {
    lags: [1, 2, 12],
    ewmaAlphas: [0.15, 0.4],
    short: 3,
    medium: 6,
    long: 12,
    seasons: [{ word: 'month_of_year', length: 12, repeats: [1, 2, 3] }],
    profileRepeats: 2,
    yearAgo: [1, 3],
    ageCap: 26,
    responseStep: 1,
    calendar: [
      ['month', 'month'],
      ['quarter', 'quarter'],
    ],
    eventUnit: 'month',
    periodsPerEventUnit: 1,
  },
};

/** The calendar's features, and those of events where there are any. */
export function calendarFeatures(plan: FeaturePlan, events: boolean): Feature[] {
  const field = (name: string, of: CalendarField, ahead = 0) => feature({ kind: 'calendar', field: of, ahead }, name);
  const unit = plan.eventUnit;
  return [
    ...plan.calendar.map(([name, of]) => field(name, of)),
    ...(events
      ? [
          field('event', 'event'),
          field(`event_next_${unit}`, 'event', plan.periodsPerEventUnit),
          field('nearest_event', 'nearestEvent'),
          field('nearest_event_distance', 'eventDistance'),
          field(`${unit}s_to_event`, 'toEvent'),
          field(`${unit}s_since_event`, 'sinceEvent'),
        ]
      : []),
  ];
}
