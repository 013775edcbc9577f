const MS_PER_DAY = 86_400_000;

/**
 * Days since 1970-01-01 of an ISO calendar day.
 * @throws RangeError when the text is not a real day written YYYY-MM-DD
 */
export function epochDay(isoDate: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(isoDate) ? Date.parse(`${isoDate}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== isoDate) {
    throw new RangeError(`startDate must be a calendar day written YYYY-MM-DD, got "${isoDate}"`);
  }
  return ms / MS_PER_DAY;
}

/** The ISO calendar day of a count of days since 1970-01-01. */
export function isoDay(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** Day of the week, 0 = Monday … 6 = Sunday (1970-01-01 was a Thursday). */
export function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Day of the year, 1 … 366. */
export function dayOfYear(day: number): number {
  return day - epochDay(`${isoDay(day).slice(0, 4)}-01-01`) + 1;
}
