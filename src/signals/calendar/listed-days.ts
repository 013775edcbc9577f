import Holidays from 'date-holidays';
import type { SignalsConfig } from '../../platform/config/index.ts';
import { festivalsOf } from './festivals.ts';
import type { ListedDay } from './listed-day.ts';

/** Festivals and public holidays of a year that the configuration asks for; a holiday that is a festival is listed as that. */
export function listedDays(year: number, { festivals, holidays }: SignalsConfig): ListedDay[] {
  const listed: ListedDay[] = festivals ? [...festivalsOf(year)] : [];
  if (holidays === null) return listed;
  const taken = new Set(listed.map(({ date }) => date));
  const { country, region } = holidays;
  const found = new Holidays(country, region ?? '', { languages: 'en', types: ['public'] }).getHolidays(year);
  const source = `date-holidays:${region === null ? country : `${country}-${region}`}`;
  for (const { date: written, name } of found) {
    const date = written.slice(0, 10);
    // Some holidays have more than one day, or more than one rule for a day.
    if (taken.has(date)) continue;
    taken.add(date);
    listed.push({ date, name, kind: 'holiday', source });
  }
  return listed;
}
