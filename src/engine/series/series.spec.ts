import { describe, expect, it } from '@jest/globals';
import { demandPanel, panelOf } from '../../../test/support/demand-panels.ts';
import { observedDays } from './availability.ts';
import { checkHorizon, checkPanel } from './check.ts';
import { civilFromDay, dayFromCivil, dayOfYear, isoWeek, weekdayOf } from './days.ts';
import { groupBy, groupByCategoryAndLocation, totalGroups } from './groups.ts';
import { truncatePanel } from './truncate.ts';

describe('civil days', () => {
  it('agrees with the Gregorian calendar of Date over a century, leap days included', () => {
    for (let day = -10_000; day < 30_000; day += 7) {
      const date = new Date(day * 86_400_000);
      const civil = civilFromDay(day);
      expect(civil).toEqual({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() });
      expect(dayFromCivil(civil.year, civil.month, civil.day)).toBe(day);
      expect(weekdayOf(day)).toBe((date.getUTCDay() + 6) % 7);
    }
  });
  it('numbers weeks by ISO 8601 across the turn of the year', () => {
    expect(isoWeek(dayFromCivil(2020, 12, 31))).toBe(53);
    expect(isoWeek(dayFromCivil(2021, 1, 3))).toBe(53);
    expect(isoWeek(dayFromCivil(2021, 1, 4))).toBe(1);
    expect(isoWeek(dayFromCivil(2024, 12, 30))).toBe(1);
    expect(dayOfYear(dayFromCivil(2024, 12, 31))).toBe(366);
  });
});

describe('observedDays', () => {
  it('leaves out days before the first sale, after the last and out of stock, even with sales', () => {
    const panel = {
      ...panelOf([[NaN, 3, 0, 2, 5, 0]]),
      inStock: Uint8Array.from([1, 1, 1, 0, 1, 1]),
      lastPeriod: Int32Array.of(4),
    };
    expect([...observedDays(panel)]).toEqual([0, 1, 1, 0, 1, 0]);
  });
});

describe('truncatePanel', () => {
  it('copies only the days up to the cut and knows nothing of series that start later', () => {
    const panel = panelOf([
      [1, 2, 3, 4],
      [NaN, NaN, NaN, 9],
    ]);
    const cut = truncatePanel(panel, 2);
    expect([...cut.sales]).toEqual([1, 2, NaN, NaN]);
    expect([...cut.firstPeriod]).toEqual([0, 2]);
    expect([...observedDays(cut)]).toEqual([1, 1, 0, 0]);
  });
});

describe('totalGroups', () => {
  it('sums series of the same category and location and skips days out of stock', () => {
    const panel = { ...demandPanel({ products: 4, locations: 2, days: 30 }), inStock: new Uint8Array(8 * 30).fill(1) };
    panel.inStock[3] = 0;
    const groups = groupByCategoryAndLocation(panel);
    expect(groups.count).toBe(4);
    const totals = totalGroups(panel, observedDays(panel), groups);
    const members = [0, 4];
    for (let d = 0; d < 30; d++) {
      const expected = members.reduce((sum, s) => sum + (s === 0 && d === 3 ? 0 : panel.sales[s * 30 + d]), 0);
      expect(totals.daily[groups.groupOf[0] * 30 + d]).toBe(expected);
    }
    expect(totals.countBefore[groups.groupOf[0] * 31 + 30]).toBe(59);
  });
  it('numbers groups by their key, whatever the order of the series', () => {
    expect([...groupBy([7, 2, 7, 5]).groupOf]).toEqual([2, 0, 2, 1]);
  });
});

describe('checks', () => {
  it('names the array that does not fit and the horizon that is out of range', () => {
    const panel = demandPanel();
    expect(() => checkPanel({ ...panel, product: new Int32Array(3) })).toThrow(/panel\.product has 3 entries/);
    expect(() => checkPanel({ ...panel, sales: panel.sales.map((y, i) => (i === 5 ? -1 : y)) })).toThrow(/entry 5/);
    for (const horizon of [0, 367, 1.5, NaN]) expect(() => checkHorizon(horizon)).toThrow(/horizon/);
    expect(() => checkHorizon(366)).not.toThrow();
  });
});
