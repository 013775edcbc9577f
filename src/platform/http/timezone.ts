/** Whether a name is an IANA time zone this runtime knows; fixed offsets such as `+05:30` are none. */
export function isTimezone(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
