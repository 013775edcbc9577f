import { isoOf } from '../civil-day.ts';
import { FESTIVAL_RULES } from './festival-rules.ts';
import { FESTIVAL_TABLE } from './festival-table.ts';
import type { ListedDay } from './listed-day.ts';

const ROWS = FESTIVAL_TABLE.flatMap(({ name, source, dates }) =>
  dates.map((date): ListedDay => ({ date, name, kind: 'festival', source })),
);
const YEARS = new Set(ROWS.map(({ date }) => Number(date.slice(0, 4))));

/** Festivals of India in a year, by the table where it reaches and by the rules beyond. */
export function festivalsOf(year: number): ListedDay[] {
  if (YEARS.has(year)) return ROWS.filter(({ date }) => Number(date.slice(0, 4)) === year);
  return FESTIVAL_RULES.flatMap(({ name, source, days }) =>
    days(year).map((day): ListedDay => ({ date: isoOf(day), name, kind: 'festival', source })),
  );
}
