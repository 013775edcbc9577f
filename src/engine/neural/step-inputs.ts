import { civilFromDay, dayOfYear, weekdayOf } from '../series/days.ts';
import { dayOfPeriod, hourOfPeriod, TRAITS } from '../series/frequency.ts';
import type { CalendarEvent } from '../series/panel.ts';
import type { InputPlan } from './types.ts';

const { cos, PI, sin } = Math;
const YEAR_HARMONICS = 2;

/** Columns that {@link calendarRows} fills per period. */
export function calendarWidth({ frequency, events }: InputPlan): number {
  const phases = { hourly: 31, daily: 7, weekly: 0, monthly: 12 }[frequency];
  return phases + 2 * YEAR_HARMONICS + 2 + 3 + events.length;
}

/**
 * What the calendar says about consecutive periods, one row each: phase of the season one-hot, waves of the year and of
 * the month, and the events on the period, with flags for one on the period itself, the next and the previous.
 */
export function calendarRows(
  plan: InputPlan,
  startPeriod: number,
  count: number,
  events: readonly CalendarEvent[],
): Float32Array {
  const { frequency } = plan;
  const { step } = TRAITS[frequency];
  const width = calendarWidth(plan);
  const rows = new Float32Array(count * width);
  const named = new Map(plan.events.map((name, index) => [name, index]));
  const eventsOn = new Map<number, number[]>();
  for (const { day, name } of events) {
    const index = named.get(name);
    if (index !== undefined) eventsOn.set(day, [...(eventsOn.get(day) ?? []), index]);
  }
  for (let t = 0; t < count; t++) {
    const ordinal = startPeriod + t * step;
    const day = dayOfPeriod(frequency, ordinal);
    let at = t * width;
    if (frequency === 'hourly') {
      rows[at + hourOfPeriod(frequency, ordinal)] = 1;
      rows[at + 24 + weekdayOf(day)] = 1;
      at += 31;
    } else if (frequency === 'daily') {
      rows[at + weekdayOf(day)] = 1;
      at += 7;
    } else if (frequency === 'monthly') {
      rows[at + civilFromDay(day).month - 1] = 1;
      at += 12;
    }
    for (let k = 1; k <= YEAR_HARMONICS; k++) {
      const angle = (2 * PI * k * dayOfYear(day)) / 365.25;
      rows[at++] = sin(angle);
      rows[at++] = cos(angle);
    }
    const angle = (2 * PI * civilFromDay(day).day) / 30.5;
    rows[at++] = sin(angle);
    rows[at++] = cos(angle);
    const next = Math.max(day + 1, dayOfPeriod(frequency, ordinal + step));
    const flag = at;
    at += 3;
    for (let d = day; d < next; d++) {
      for (const index of eventsOn.get(d) ?? []) {
        rows[at + index] = 1;
        rows[flag] = 1;
        if (t > 0) rows[flag + 1 - width] = 1;
        if (t + 1 < count) rows[flag + 2 + width] = 1;
      }
    }
  }
  return rows;
}
