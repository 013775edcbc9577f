import { describe, expect, it } from '@jest/globals';
import { daysBefore, monthsOf, nextMonth } from './months.ts';

describe('months', () => {
  it('are those that a range touches', () => {
    expect(monthsOf('2025-11-30', '2026-02-01')).toEqual(['2025-11-01', '2025-12-01', '2026-01-01', '2026-02-01']);
    expect(monthsOf('2026-02-10', '2026-02-10')).toEqual(['2026-02-01']);
    expect(monthsOf('2026-02-10', '2026-01-31')).toEqual([]);
  });

  it('follow each other', () => {
    expect([nextMonth('2025-12-01'), nextMonth('2026-01-01')]).toEqual(['2026-01-01', '2026-02-01']);
  });

  it('are left behind day by day', () => {
    expect(daysBefore('2024-03-01', 1)).toBe('2024-02-29');
  });
});
