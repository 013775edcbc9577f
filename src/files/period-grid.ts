import { civilFromDay, dayOfPeriod, periodOfDay, TRAITS, type Frequency } from '../engine/index.ts';
import type { MonthLabel, ReadDates } from './dates.ts';

/** Periods of a panel and which of them a moment belongs to. */
export interface PeriodGrid {
  readonly frequency: Frequency;
  /** Ordinal of period 0. */
  readonly start: number;
  /** Index of the period that an hour since 1970-01-01 lies in; negative before the first. */
  readonly indexOf: (hours: number) => number;
}

/** Times at most so many hours apart belong to hours; daily files may carry an hour, such as midnight in UTC. */
const MOST_HOURS_APART = 12;
/** Share of the gaps that must lie outside days, weeks and months for a file to be none of them. */
const MOSTLY = 0.9;

/**
 * Frequency that the gaps between a file's dates speak for: the most frequent gap decides.
 * @returns null where the dates are mostly further apart than days and are neither weeks nor months
 */
export function guessFrequency({ hours, hourly, months }: ReadDates): Frequency | null {
  if (months) return 'monthly';
  const sorted = [...new Set(hours)].sort((a, b) => a - b);
  if (hourly) {
    const near = sorted.filter((hour, i) => i > 0 && hour - sorted[i - 1] <= MOST_HOURS_APART).length;
    if (sorted.length === 1 || near * 2 >= sorted.length - 1) return 'hourly';
  }
  const days = [...new Set(sorted.map((hour) => Math.floor(hour / 24)))];
  const gaps = days.slice(1).map((day, i) => day - days[i]);
  const count = (fits: (gap: number) => boolean) => gaps.filter(fits).length;
  const daily = count((gap) => gap < 7);
  const weekly = count((gap) => gap === 7);
  const monthly = count((gap) => gap >= 28 && gap <= 31);
  // Weeks and months may be missing; what there is keeps to one weekday, or to the first or last day of months.
  if (weekly > 0 && gaps.every((gap) => gap % 7 === 0)) return 'weekly';
  if (monthly > 0 && daily + weekly === 0 && (isFirstDays(days) || isLastDays(days))) return 'monthly';
  if (weekly > daily && weekly >= monthly) return 'weekly';
  if (monthly > daily) return 'monthly';
  const others = gaps.length - daily - weekly - monthly;
  return gaps.length > 1 && others >= MOSTLY * gaps.length ? null : 'daily';
}

function isFirstDays(days: readonly number[]): boolean {
  return days.every((day) => civilFromDay(day).day === 1);
}

function isLastDays(days: readonly number[]): boolean {
  return days.every((day) => civilFromDay(day + 1).day === 1);
}

/** How a monthly file labels its months. */
export function monthLabel({ hours, months }: ReadDates): MonthLabel {
  if (months) return 'month';
  return isLastDays(Array.from(hours, (hour) => Math.floor(hour / 24))) ? 'last_day' : 'first_day';
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
