import { describe, expect, it } from '@jest/globals';
import { dayOfYear, epochDay, isoDay, weekday } from './calendar.ts';

describe('calendar of the simulation', () => {
  it('counts days from 1970 and back, over leap days', () => {
    expect(epochDay('1970-01-01')).toBe(0);
    expect(epochDay('2024-03-01') - epochDay('2024-02-28')).toBe(2);
    expect(isoDay(epochDay('2024-02-29'))).toBe('2024-02-29');
  });

  it('knows the day of the week (Monday is 0) and of the year', () => {
    expect(weekday(epochDay('2025-09-29'))).toBe(0);
    expect(weekday(epochDay('2025-10-05'))).toBe(6);
    expect(weekday(epochDay('1969-12-29'))).toBe(0);
    expect(dayOfYear(epochDay('2024-12-31'))).toBe(366);
  });

  it.each(['2025-02-30', '2025-1-1', 'yesterday'])('refuses %p', (text) => {
    expect(() => epochDay(text)).toThrow(RangeError);
  });
});
