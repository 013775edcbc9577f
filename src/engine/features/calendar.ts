import { civilFromDay, isoWeek, weekdayOf } from '../series/days.ts';
import { dayOfPeriod, hourOfPeriod, TRAITS, type Frequency } from '../series/frequency.ts';
import type { CalendarEvent } from '../series/panel.ts';
import { markEvents, type EventColumns } from './events.ts';

/** Calendar facts of consecutive periods, indexed like the periods of a panel and reaching past its end. */
export interface CalendarTable extends EventColumns {
  readonly periodCount: number;
  /** Of the day the period begins on or, for weeks, is labelled by: Monday 0 … Sunday 6. */
  readonly weekday: Uint8Array;
  /** 1..31. */
  readonly dayOfMonth: Uint8Array;
  /** ISO week, 1..53. */
  readonly week: Uint8Array;
  /** 1..12. */
  readonly month: Uint8Array;
  /** 1..4. */
  readonly quarter: Uint8Array;
  /** 0..23 for hourly periods, else 0. */
  readonly hour: Uint8Array;
}

/**
 * Distinct event names in alphabetical order: the vocabulary a model keeps so that codes never move.
 * @param before only events before this civil day count, so that no name of the future is learned
 */
export function eventVocabulary(events: readonly CalendarEvent[], before = Infinity): string[] {
  return [...new Set(events.filter((event) => event.day < before).map((event) => event.name))].sort();
}

/**
 * Builds the calendar of `periodCount` periods from ordinal `startPeriod`. Events whose name is not in the vocabulary
 * are left out: a model knows nothing about them.
 */
export function buildCalendar(
  startPeriod: number,
  periodCount: number,
  events: readonly CalendarEvent[],
  vocabulary: readonly string[],
  frequency: Frequency = 'daily',
): CalendarTable {
  const bytes = () => new Uint8Array(periodCount);
  const table = {
    periodCount,
    weekday: bytes(),
    dayOfMonth: bytes(),
    week: bytes(),
    month: bytes(),
    quarter: bytes(),
    hour: bytes(),
    ...markEvents(startPeriod, periodCount, events, vocabulary, frequency),
  };
  const { step } = TRAITS[frequency];
  for (let t = 0; t < periodCount; t++) {
    const ordinal = startPeriod + t * step;
    const day = dayOfPeriod(frequency, ordinal);
    const date = civilFromDay(day);
    table.weekday[t] = weekdayOf(day);
    table.dayOfMonth[t] = date.day;
    table.week[t] = isoWeek(day);
    table.month[t] = date.month;
    table.quarter[t] = Math.ceil(date.month / 3);
    table.hour[t] = hourOfPeriod(frequency, ordinal);
  }
  return table;
}
