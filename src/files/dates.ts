import { civilFromDay, dayFromCivil, type Frequency } from '../engine/index.ts';
import { InputError } from './input-error.ts';

/** How days and months stand in dates like 03/04/2024. */
export type DateOrder = 'dmy' | 'mdy';

/** Dates of a file as hours since 1970-01-01T00:00; time zones are left as written. */
export interface ReadDates {
  readonly hours: Int32Array;
  /** Whether any date carries an hour other than midnight. */
  readonly hourly: boolean;
  /** Whether dates are months without a day. */
  readonly months: boolean;
}

const TIME = String.raw`(?:[T ](\d{1,2})(?::?\d{2})?(?::?\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})${TIME}$`);
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const MONTH = /^(\d{4})[-/]?(\d{2})$/;
const NAMED = /^(\d{1,2})[- ]([A-Za-z]{3})[A-Za-z]*[- ](\d{4}|\d{2})$/;
const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads the distinct dates of a file. Whether 03/04/2024 is in March or in April follows from the file as a whole.
 * @param where says of a date, by its index, where it stands, for messages
 * @throws InputError for a text that is no date, for contradictions, and where the order of day and month is open
 */
export function readDates(
  texts: readonly string[],
  where: (index: number) => string,
  order: DateOrder | null = null,
): ReadDates {
  const known = order ?? orderOf(texts, where);
  const hours = new Int32Array(texts.length);
  let hourly = false;
  let months = false;
  texts.forEach((text, index) => {
    const date = dateOf(text, known);
    if (!date) throw new InputError(`${where(index)}: "${text}" is not a date`);
    hours[index] = date.day * 24 + date.hour;
    hourly ||= date.hour > 0;
    months ||= date.month;
  });
  return { hours, hourly, months };
}

/** A single date, such as one of the command line; days before months need no telling apart there. */
export function readDate(text: string): number | null {
  const date = dateOf(text.trim(), null);
  return date ? date.day * 24 + date.hour : null;
}

/** Text of a period's date: a day, an hour, or the month as the file wrote it. */
export function dateText(frequency: Frequency, ordinal: number, months: boolean): string {
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  if (frequency === 'monthly') {
    const month = `${pad(1970 + Math.floor(ordinal / 12), 4)}-${pad((((ordinal % 12) + 12) % 12) + 1)}`;
    return months ? month : `${month}-01`;
  }
  const { year, month, day } = civilFromDay(frequency === 'hourly' ? Math.floor(ordinal / 24) : ordinal);
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  return frequency === 'hourly' ? `${date} ${pad(((ordinal % 24) + 24) % 24)}:00` : date;
}

interface ParsedDate {
  readonly day: number;
  readonly hour: number;
  readonly month: boolean;
}

function dateOf(text: string, order: DateOrder | null): ParsedDate | null {
  let match = YEAR_FIRST.exec(text);
  if (match) return civil(match[1], match[2], match[3], match[4]);
  match = COMPACT.exec(text);
  if (match) return civil(match[1], match[2], match[3]);
  match = YEAR_LAST.exec(text);
  if (match) {
    const dayFirst = order === 'dmy' || match[2] === '.';
    if (!dayFirst && order === null) return null;
    return civil(match[4], match[dayFirst ? 3 : 1], match[dayFirst ? 1 : 3], match[5]);
  }
  match = MONTH.exec(text);
  if (match) {
    const date = civil(match[1], match[2], '1');
    return date && { ...date, month: true };
  }
  match = NAMED.exec(text);
  const named = match ? MONTH_NAMES.indexOf(match[2].toLowerCase()) : -1;
  return match && named >= 0 ? civil(match[3], String(named + 1), match[1]) : null;
}

function civil(yearText: string, monthText: string, dayText: string, hourText = '0'): ParsedDate | null {
  const short = Number(yearText);
  const year = yearText.length === 2 ? (short < 70 ? 2000 + short : 1900 + short) : short;
  const month = Number(monthText);
  const hour = Number(hourText);
  const day = dayFromCivil(year, month, Number(dayText));
  const back = civilFromDay(day);
  // The 31st of a short month would silently become another day.
  if (back.month !== month || back.day !== Number(dayText) || hour > 23) return null;
  return { day, hour, month: false };
}

/** Order of day and month in dates with slashes: a number above 12 can only be a day. */
function orderOf(texts: readonly string[], where: (index: number) => string): DateOrder | null {
  let dayFirst = -1;
  let monthFirst = -1;
  let open = -1;
  texts.forEach((text, index) => {
    const match = YEAR_LAST.exec(text);
    if (!match || match[2] === '.') return;
    if (Number(match[1]) > 12) dayFirst = index;
    else if (Number(match[3]) > 12) monthFirst = index;
    else if (open < 0) open = index;
  });
  if (dayFirst >= 0 && monthFirst >= 0)
    throw new InputError(
      `${where(monthFirst)}: "${texts[monthFirst]}" has the month first, "${texts[dayFirst]}" the day; write dates as YYYY-MM-DD`,
    );
  if (dayFirst >= 0) return 'dmy';
  if (monthFirst >= 0) return 'mdy';
  if (open >= 0)
    throw new InputError(
      `${where(open)}: "${texts[open]}" may be day/month or month/day; write YYYY-MM-DD, or add --date-order dmy or mdy`,
    );
  return null;
}
