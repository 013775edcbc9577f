import { civilFromDay, dayFromCivil, dayOfPeriod, weekdayOf, type Frequency } from '../engine/index.ts';
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
  /** Whether times carry minutes. */
  readonly minutes: boolean;
}

/** How a file writes its months. */
export type MonthLabel = 'month' | 'first_day' | 'last_day';

const TIME = String.raw`(?:[T ](\d{1,2})(?::?(\d{2}))?(?::?\d{2}(?:\.\d+)?)?\s*([AaPp][Mm])?\s*(?:Z|[+-]\d{2}:?\d{2})?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4}|\d{2})${TIME}$`);
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const MONTH = /^(\d{4})[-/]?(\d{2})$/;
const NAMED_MONTH = /^([A-Za-z]{3})[A-Za-z]*[- ](\d{4})$/;
/** ISO 8601 week, with or without its day: 2024-W07, 2024W07-3. */
const ISO_WEEK = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/;
/** Seconds or milliseconds since 1970. */
const UNIX_TIME = /^\d{10}(?:\d{3})?$/;
const EARLIEST_YEAR = 1900;
const LATEST_YEAR = 2200;
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
  let minutes = false;
  texts.forEach((text, index) => {
    const date = dateOf(text, known);
    if (!date) throw new InputError(`${where(index)}: "${text}" is not a date${hintOf(text)}`);
    hours[index] = date.day * 24 + date.hour;
    hourly ||= date.hour > 0;
    months ||= date.month;
    minutes ||= date.minute > 0;
  });
  return { hours, hourly, months, minutes };
}

/** A single date, such as one of the command line; days before months need no telling apart there. */
export function readDate(text: string): number | null {
  const date = dateOf(text.trim(), null);
  return date ? date.day * 24 + date.hour : null;
}

function hintOf(text: string): string {
  if (/^\d{5}$/.test(text)) return ': it looks like the day number of a spreadsheet; write dates as YYYY-MM-DD';
  return ` of the years ${EARLIEST_YEAR} to ${LATEST_YEAR}; write dates as YYYY-MM-DD`;
}

/** Text of a period's date: a day, an hour, or the month as the file wrote it. */
export function dateText(frequency: Frequency, ordinal: number, label: MonthLabel = 'first_day'): string {
  const pad = (value: number, length = 2) => String(value).padStart(length, '0');
  if (frequency === 'monthly') {
    const month = `${pad(1970 + Math.floor(ordinal / 12), 4)}-${pad((((ordinal % 12) + 12) % 12) + 1)}`;
    if (label === 'month') return month;
    const day = label === 'first_day' ? 1 : civilFromDay(dayOfPeriod('monthly', ordinal + 1) - 1).day;
    return `${month}-${pad(day)}`;
  }
  const { year, month, day } = civilFromDay(frequency === 'hourly' ? Math.floor(ordinal / 24) : ordinal);
  const date = `${pad(year, 4)}-${pad(month)}-${pad(day)}`;
  return frequency === 'hourly' ? `${date} ${pad(((ordinal % 24) + 24) % 24)}:00` : date;
}

interface ParsedDate {
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly month: boolean;
}

function dateOf(text: string, order: DateOrder | null): ParsedDate | null {
  let match = YEAR_FIRST.exec(text);
  if (match) return civil(match[1], match[2], match[3], match.slice(4));
  match = COMPACT.exec(text);
  if (match) return civil(match[1], match[2], match[3]);
  match = YEAR_LAST.exec(text);
  if (match) {
    const dayFirst = order === 'dmy' || match[2] === '.';
    if (!dayFirst && order === null) return null;
    return civil(match[4], match[dayFirst ? 3 : 1], match[dayFirst ? 1 : 3], match.slice(5));
  }
  match = MONTH.exec(text);
  if (match) {
    const date = civil(match[1], match[2], '1');
    return date && { ...date, month: true };
  }
  match = ISO_WEEK.exec(text);
  if (match) return isoWeekDate(Number(match[1]), Number(match[2]), Number(match[3] ?? 1));
  if (UNIX_TIME.test(text)) {
    const minutes = Math.floor(Number(text) / (text.length === 10 ? 60 : 60_000));
    const hours = Math.floor(minutes / 60);
    return { day: Math.floor(hours / 24), hour: hours % 24, minute: minutes % 60, month: false };
  }
  match = NAMED_MONTH.exec(text);
  if (match && monthNumber(match[1]) > 0) {
    const date = civil(match[2], String(monthNumber(match[1])), '1');
    return date && { ...date, month: true };
  }
  match = NAMED.exec(text);
  return match && monthNumber(match[2]) > 0 ? civil(match[3], String(monthNumber(match[2])), match[1]) : null;
}

/** 1 to 12; 0 if there is no such month. */
function monthNumber(name: string): number {
  return MONTH_NAMES.indexOf(name.toLowerCase()) + 1;
}

function isoWeekDate(year: number, week: number, weekday: number): ParsedDate | null {
  // The week of January 4 is the first.
  const fourth = dayFromCivil(year, 1, 4);
  const day = fourth - weekdayOf(fourth) + 7 * (week - 1) + weekday - 1;
  const isThere = week >= 1 && civilFromDay(day - weekday + 4).year === year;
  return isThere && isPlausible(year) ? { day, hour: 0, minute: 0, month: false } : null;
}

function isPlausible(year: number): boolean {
  return year >= EARLIEST_YEAR && year <= LATEST_YEAR;
}

function civil(
  yearText: string,
  monthText: string,
  dayText: string,
  [hourText = '0', minuteText = '0', half]: readonly (string | undefined)[] = [],
): ParsedDate | null {
  const short = Number(yearText);
  const year = yearText.length === 2 ? (short < 70 ? 2000 + short : 1900 + short) : short;
  const month = Number(monthText);
  const written = Number(hourText);
  const hour = half === undefined ? written : (written % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  const day = dayFromCivil(year, month, Number(dayText));
  const back = civilFromDay(day);
  // The 31st of a short month would silently become another day.
  if (back.month !== month || back.day !== Number(dayText) || hour > 23 || !isPlausible(year)) return null;
  return { day, hour, minute: Number(minuteText), month: false };
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
