import { civilFromDay, isoWeek, weekdayOf } from '../series/days.ts';
import type { CalendarEvent } from '../series/panel.ts';

/** Days around an event within which a day counts as near it: shoppers stock up before and come back after. */
const DAYS_BEFORE_EVENT = 7;
const DAYS_AFTER_EVENT = 4;

/** Calendar facts of consecutive days, indexed like the days of a panel and reaching past its end. */
export interface CalendarTable {
  readonly periodCount: number;
  /** Monday 0 … Sunday 6. */
  readonly weekday: Uint8Array;
  readonly dayOfMonth: Uint8Array;
  readonly week: Uint8Array;
  readonly month: Uint8Array;
  /** Code of the day's event: 1 + its place among the event names; 0 = none. */
  readonly event: Uint16Array;
  /** Code of the nearest event around the day, 0 = none near. */
  readonly nearestEvent: Uint16Array;
  /** Days from the nearest event, negative before it; 0 where none is near. */
  readonly eventDistance: Int8Array;
}

/** Distinct event names in alphabetical order: the vocabulary a model keeps so that codes never move. */
export function eventVocabulary(events: readonly CalendarEvent[]): string[] {
  return [...new Set(events.map((event) => event.name))].sort();
}

/**
 * Builds the calendar of `periodCount` days from `startPeriod`. Events whose name is not in the vocabulary are left out:
 * a model knows nothing about them.
 */
export function buildCalendar(
  startPeriod: number,
  periodCount: number,
  events: readonly CalendarEvent[],
  vocabulary: readonly string[],
): CalendarTable {
  const table: CalendarTable = {
    periodCount,
    weekday: new Uint8Array(periodCount),
    dayOfMonth: new Uint8Array(periodCount),
    week: new Uint8Array(periodCount),
    month: new Uint8Array(periodCount),
    event: new Uint16Array(periodCount),
    nearestEvent: new Uint16Array(periodCount),
    eventDistance: new Int8Array(periodCount),
  };
  for (let d = 0; d < periodCount; d++) {
    const date = civilFromDay(startPeriod + d);
    table.weekday[d] = weekdayOf(startPeriod + d);
    table.dayOfMonth[d] = date.day;
    table.month[d] = date.month;
    table.week[d] = isoWeek(startPeriod + d);
  }
  const codes = new Map(vocabulary.map((name, index) => [name, index + 1]));
  const known = events
    .map((event) => ({ day: event.day - startPeriod, code: codes.get(event.name) ?? 0 }))
    .filter((event) => event.code > 0)
    .sort((a, b) => a.day - b.day || a.code - b.code);
  for (const { day, code } of known) {
    if (day >= 0 && day < periodCount && table.event[day] === 0) table.event[day] = code;
    for (let distance = -DAYS_BEFORE_EVENT; distance <= DAYS_AFTER_EVENT; distance++) {
      const d = day + distance;
      if (d < 0 || d >= periodCount) continue;
      const nearer = table.nearestEvent[d] === 0 || Math.abs(distance) < Math.abs(table.eventDistance[d]);
      if (!nearer) continue;
      table.nearestEvent[d] = code;
      table.eventDistance[d] = distance;
    }
  }
  return table;
}
