import { describe, expect, it } from '@jest/globals';
import { dayOf, isCivilDate, isoOf } from './civil-day.ts';

describe('civil days', () => {
  it('counts from 1970-01-01 and back', () => {
    expect(dayOf('1970-01-01')).toBe(0);
    expect(dayOf('2016-05-23')).toBe(16_944);
    expect(isoOf(16_944)).toBe('2016-05-23');
    expect(isoOf(dayOf('2024-02-29') + 1)).toBe('2024-03-01');
  });

  it.each(['2023-02-29', '2016-13-01', '2016-5-23', '23-05-2016', '2016-05-23T00:00:00Z', '', 20160523, null])(
    'refuses %p',
    (value) => {
      expect(isCivilDate(value)).toBe(false);
    },
  );

  it('accepts a leap day of a leap year', () => {
    expect(isCivilDate('2024-02-29')).toBe(true);
  });
});
