const ZERO = 0x30;
const NINE = 0x39;
const DASH = 0x2d;
const POINT = 0x2e;
const COMMA = 0x2c;

/** Powers of ten that a double holds exactly. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Digits a double surely holds exactly. */
const EXACT_DIGITS = 15;
const DECIMAL = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;

/**
 * Reads a plain decimal number (`-12`, `3.50`, `1e-3`); NaN for anything else: hexadecimal, Infinity, thousands
 * separators, nothing at all. The value is the nearest double, as JavaScript's own `Number` gives it.
 * @param decimalComma whether the decimals follow a comma instead of a point
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number, decimalComma: boolean): number {
  const separator = decimalComma ? COMMA : POINT;
  const negative = bytes[start] === DASH && start < end;
  let at = negative ? start + 1 : start;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === separator && decimals < 0) decimals = 0;
    else break;
  }
  if (at === end && digits > 0 && digits <= EXACT_DIGITS) {
    const value = decimals > 0 ? mantissa / POWERS_OF_TEN[decimals] : mantissa;
    return negative ? 0 - value : value;
  }
  if (end - start > 40) return NaN;
  let text = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  if (decimalComma) text = text.includes('.') ? '' : text.replace(',', '.');
  return DECIMAL.test(text) ? Number(text) : NaN;
}

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function digitsAt(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970-01-01 to a civil date of the proleptic Gregorian calendar; -1 for a day that does not exist. */
export function civilDay(year: number, month: number, day: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (year < 1970 || month < 1 || month > 12 || day < 1) return -1;
  if (day > DAYS_IN_MONTH[month - 1] && !(leap && month === 2 && day === 29)) return -1;
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  return (year - 1970) * 365 + leaps + DAYS_BEFORE_MONTH[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
}

/** Reads `yyyy-mm-dd` as days since 1970-01-01; -1 if it is written otherwise, does not exist or lies before 1970. */
export function parseDay(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return -1;
  const year = digitsAt(bytes, start, 4);
  const month = digitsAt(bytes, start + 5, 2);
  const day = digitsAt(bytes, start + 8, 2);
  return year < 0 || month < 0 || day < 0 ? -1 : civilDay(year, month, day);
}

/** Days since 1970-01-01 of an ISO day; -1 if it is none. */
export function parseIsoDay(text: string): number {
  return parseDay(Buffer.from(text), 0, text.length);
}

/** Days since 1970-01-01 as `yyyy-mm-dd`. */
export function formatDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

/** The civil day it is in a time zone at an instant, as days since 1970-01-01. */
export function dayInZone(instant: Date, timeZone: string): number {
  const format = zoneFormats.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  zoneFormats.set(timeZone, format);
  return parseDay(Buffer.from(format.format(instant)), 0, 10);
}
