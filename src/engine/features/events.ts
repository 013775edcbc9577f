import { periodOfDay, type Frequency } from '../series/frequency.ts';
import type { CalendarEvent } from '../series/panel.ts';

/**
 * Within how many days (weeks, months) around an event a period counts as near it: shoppers stock up before and come
 * back after. `cap` bounds the distances to the next and since the last event.
 */
const REACH: Readonly<Record<Frequency, { before: number; after: number; cap: number }>> = {
  hourly: { before: 7, after: 4, cap: 30 },
  daily: { before: 7, after: 4, cap: 30 },
  weekly: { before: 2, after: 1, cap: 13 },
  monthly: { before: 1, after: 1, cap: 12 },
};

/** Columns of the calendar that tell of events. */
export interface EventColumns {
  /** Code of the period's event: 1 + its place in the vocabulary; 0 = none. Of several the earliest, then the lowest. */
  readonly event: Uint16Array;
  /** Code of the nearest event around the period, 0 = none near. */
  readonly nearestEvent: Uint16Array;
  /** Distance from the nearest event in days (weeks, months), negative before it; 0 where none is near. */
  readonly eventDistance: Int8Array;
  /** Days (weeks, months) to the next event, 0 in its own; capped, and the cap where none follows. */
  readonly toEvent: Uint8Array;
  /** The same since the last event. */
  readonly sinceEvent: Uint8Array;
}

/**
 * Marks the events of the vocabulary. Distances count days for hourly and daily periods, else periods. A week is taken
 * to end on the day that labels it, so an event belongs to the week whose label is the first on or after it.
 */
export function markEvents(
  startPeriod: number,
  periodCount: number,
  events: readonly CalendarEvent[],
  vocabulary: readonly string[],
  frequency: Frequency,
): EventColumns {
  const { before, after, cap } = REACH[frequency];
  const columns: EventColumns = {
    event: new Uint16Array(periodCount),
    nearestEvent: new Uint16Array(periodCount),
    eventDistance: new Int8Array(periodCount),
    toEvent: new Uint8Array(periodCount).fill(cap),
    sinceEvent: new Uint8Array(periodCount).fill(cap),
  };
  const codes = new Map(vocabulary.map((name, index) => [name, index + 1]));
  const known = events
    .map((event) => ({ day: event.day, code: codes.get(event.name) ?? 0 }))
    .filter((event) => event.code > 0)
    .sort((a, b) => a.day - b.day || a.code - b.code);
  const perUnit = frequency === 'hourly' ? 24 : 1;
  // Hours of the first day that lie before the panel.
  const lead = frequency === 'hourly' ? ((startPeriod % 24) + 24) % 24 : 0;
  const forEachPeriod = (unit: number, write: (t: number) => void) => {
    const from = Math.max(0, unit * perUnit - lead);
    const to = Math.min(periodCount, (unit + 1) * perUnit - lead);
    for (let t = from; t < to; t++) write(t);
  };
  for (const { day, code } of known) {
    const at = unitOfDay(frequency, day, startPeriod);
    for (let distance = -cap; distance <= cap; distance++)
      forEachPeriod(at + distance, (t) => {
        if (distance === 0 && columns.event[t] === 0) columns.event[t] = code;
        if (distance <= 0 && -distance < columns.toEvent[t]) columns.toEvent[t] = -distance;
        if (distance >= 0 && distance < columns.sinceEvent[t]) columns.sinceEvent[t] = distance;
        if (distance < -before || distance > after) return;
        const nearer = columns.nearestEvent[t] === 0 || Math.abs(distance) < Math.abs(columns.eventDistance[t]);
        if (!nearer) return;
        columns.nearestEvent[t] = code;
        columns.eventDistance[t] = distance;
      });
  }
  return columns;
}

/** Days (weeks, months) from the unit of the first period to that of a civil day. */
function unitOfDay(frequency: Frequency, day: number, startPeriod: number): number {
  if (frequency === 'hourly') return day - Math.floor(startPeriod / 24);
  if (frequency === 'weekly') return Math.ceil((day - startPeriod) / 7);
  return periodOfDay(frequency, day) - startPeriod;
}
