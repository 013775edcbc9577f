import { civilFromDay, dayFromCivil } from './days.ts';

/**
 * Length of one period. Periods are counted by ordinals: hours since 1970-01-01T00:00, days since 1970-01-01, months
 * since January 1970; a week's ordinal is the civil day of its label, so consecutive weeks are 7 apart.
 */
export const FREQUENCIES = ['hourly', 'daily', 'weekly', 'monthly'] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** What is particular to a frequency. All lengths are counted in periods. */
export interface FrequencyTraits {
  /** Difference of the ordinals of neighbouring periods. */
  readonly step: number;
  /** The season that repeats first: day for hours, week for days, year for weeks and months. */
  readonly season: number;
  /** A longer season whose length is a whole number of periods, or null. */
  readonly longSeason: number | null;
  /** Periods of a year, rounded to whole `season`s for days, so that weekdays match. */
  readonly year: number;
  /** Windows of rolling statistics, ascending. */
  readonly windows: readonly number[];
  /** How many last repetitions of a season its means go over, ascending. */
  readonly seasonMeans: readonly number[];
}

export const TRAITS: Readonly<Record<Frequency, FrequencyTraits>> = {
  hourly: {
    step: 1,
    season: 24,
    longSeason: 168,
    year: 8736,
    windows: [3, 24, 168, 672, 2016],
    seasonMeans: [3, 7, 28],
  },
  daily: {
    step: 1,
    season: 7,
    longSeason: null,
    year: 364,
    windows: [7, 28, 56, 112, 364],
    seasonMeans: [4, 8, 26],
  },
  weekly: {
    step: 7,
    season: 52,
    longSeason: null,
    year: 52,
    windows: [2, 4, 8, 13, 26, 52],
    seasonMeans: [1, 2],
  },
  monthly: {
    step: 1,
    season: 12,
    longSeason: null,
    year: 12,
    windows: [2, 3, 6, 12, 24],
    seasonMeans: [1, 2, 3],
  },
};

/** Civil day (from 1970-01-01) on which a period begins or, for weeks, by which it is labelled. */
export function dayOfPeriod(frequency: Frequency, ordinal: number): number {
  if (frequency === 'hourly') return Math.floor(ordinal / 24);
  if (frequency === 'monthly')
    return dayFromCivil(1970 + Math.floor(ordinal / 12), (((ordinal % 12) + 12) % 12) + 1, 1);
  return ordinal;
}

/** Ordinal of the period that contains a civil day (its first hour for hourly data). */
export function periodOfDay(frequency: Frequency, day: number): number {
  if (frequency === 'hourly') return day * 24;
  if (frequency !== 'monthly') return day;
  const { year, month } = civilFromDay(day);
  return (year - 1970) * 12 + month - 1;
}

/** Hour of the day of an hourly period, 0..23; 0 for longer periods. */
export function hourOfPeriod(frequency: Frequency, ordinal: number): number {
  return frequency === 'hourly' ? ((ordinal % 24) + 24) % 24 : 0;
}
