import { dayOfPeriod, periodOfDay, TRAITS, type Frequency } from '../engine/index.ts';

/** Periods of a panel and which of them a moment belongs to. */
export interface PeriodGrid {
  readonly frequency: Frequency;
  /** Ordinal of period 0. */
  readonly start: number;
  /** Index of the period that an hour since 1970-01-01 lies in; negative before the first. */
  readonly indexOf: (hours: number) => number;
}

/** Frequency that the gaps between a file's dates speak for: the most frequent gap decides. */
export function guessFrequency(hours: Int32Array, hourly: boolean, months: boolean): Frequency {
  if (months) return 'monthly';
  if (hourly) return 'hourly';
  const days = [...new Set(Array.from(hours, (hour) => Math.floor(hour / 24)))].sort((a, b) => a - b);
  const counts = { daily: 0, weekly: 0, monthly: 0 };
  for (let i = 1; i < days.length; i++) {
    const gap = days[i] - days[i - 1];
    if (gap === 7) counts.weekly++;
    else if (gap >= 28 && gap <= 31) counts.monthly++;
    else if (gap < 7) counts.daily++;
  }
  if (counts.weekly > counts.daily && counts.weekly >= counts.monthly) return 'weekly';
  return counts.monthly > counts.daily ? 'monthly' : 'daily';
}

/**
 * Lays periods over the dates of a file. Weeks are labelled as the file labels them; where it has days, a week ends on
 * the weekday of the last day trained on.
 * @param source frequency of the file itself
 * @param last hour of the last moment trained on
 * @returns the grid and the index of the last period; a first or last period that the file covers only in part is out
 */
export function layGrid(
  frequency: Frequency,
  source: Frequency,
  first: number,
  last: number,
): { readonly grid: PeriodGrid; readonly lastIndex: number } {
  const finer = frequency !== source;
  const { step } = TRAITS[frequency];
  const lastDay = Math.floor(last / 24);
  const firstDay = Math.floor(first / 24);
  const anchor = finer ? lastDay : firstDay;
  const ordinalOf = (hours: number): number => {
    const day = Math.floor(hours / 24);
    if (frequency === 'hourly') return hours;
    if (frequency !== 'weekly') return periodOfDay(frequency, day);
    // Days belong to the week they end in; a label a day or two off belongs to the nearest.
    const weeks = (day - anchor) / 7;
    return anchor + 7 * (finer ? Math.ceil(weeks) : Math.round(weeks));
  };
  let start = ordinalOf(first);
  let end = ordinalOf(last);
  if (finer && frequency === 'weekly' && firstDay > start - 6) start += step;
  if (finer && frequency === 'monthly') {
    if (dayOfPeriod('monthly', start) < firstDay) start += step;
    if (dayOfPeriod('monthly', end + 1) - 1 > lastDay) end -= step;
  }
  const from = start;
  const grid = { frequency, start: from, indexOf: (hours: number) => Math.floor((ordinalOf(hours) - from) / step) };
  return { grid, lastIndex: Math.floor((end - from) / step) };
}

/** Whether a frequency is coarser than another. */
export function isCoarser(frequency: Frequency, than: Frequency): boolean {
  const order: readonly Frequency[] = ['hourly', 'daily', 'weekly', 'monthly'];
  return order.indexOf(frequency) > order.indexOf(than);
}
