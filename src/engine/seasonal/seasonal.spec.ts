import { describe, expect, it } from '@jest/globals';
import { demandPanel, panelOf } from '../../../test/support/demand-panels.ts';
import { buildCalendar, eventVocabulary } from '../features/calendar.ts';
import { observedDays } from '../series/availability.ts';
import { groupBy } from '../series/groups.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import { AdditiveModel } from './additive.ts';
import { buildCalendarDesign } from './calendar-design.ts';
import { forecastSeasonalNaive, forecastWeekdayMean } from './naive.ts';
import { forecastSmoothedLevel, pooledWeekdayProfiles } from './profile.ts';
import { SharedRidge } from './ridge.ts';
import { sliceOf } from './slice.ts';
import { forecastTheta } from './theta.ts';

const FLAT = [1, 1, 1, 1, 1, 1, 1];

function calendarOf(panel: Panel, events: readonly CalendarEvent[] = []) {
  return buildCalendar(panel.startPeriod, panel.periodCount + 400, events, eventVocabulary(events));
}

function forecast(panel: Panel, horizon: number, model: 'naive' | 'weekday' | 'level' | 'theta'): number[] {
  const slice = sliceOf(panel, observedDays(panel), 0);
  const out = new Float32Array(horizon);
  if (model === 'naive') forecastSeasonalNaive(slice, horizon, out, 0);
  if (model === 'weekday') forecastWeekdayMean(slice, 8, horizon, out, 0);
  if (model === 'level') forecastSmoothedLevel(slice, 0.04, FLAT, horizon, out, 0);
  if (model === 'theta') forecastTheta(slice, FLAT, horizon, out, 0);
  return [...out];
}

describe('seasonal naive', () => {
  it('repeats the last seven days', () => {
    const panel = panelOf([[9, 9, 9, 1, 2, 3, 4, 5, 6, 7]]);
    expect(forecast(panel, 9, 'naive')).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2]);
  });
  it('takes the week before for a day out of stock', () => {
    const panel = panelOf([[11, 12, 13, 14, 15, 16, 17, 1, 2, 0, 4, 5, 6, 7]]);
    const inStock = new Uint8Array(14).fill(1);
    inStock[9] = 0;
    expect(forecast({ ...panel, inStock }, 7, 'naive')).toEqual([1, 2, 13, 4, 5, 6, 7]);
  });
});

describe('weekday mean', () => {
  it('averages the same weekday over the weeks there are', () => {
    const panel = panelOf([[1, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0, 0, 0, 4]]);
    expect(forecast(panel, 8, 'weekday')).toEqual([2, 0, 0, 0, 0, 0, 6, 2]);
  });
});

describe('weekday profiles', () => {
  it('find the weekend of the sales and average 1', () => {
    const panel = demandPanel({ days: 200 });
    const profile = pooledWeekdayProfiles(panel, observedDays(panel), groupBy(panel.category)).subarray(0, 7);
    expect(profile.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(7, 9);
    const weekend = (profile[5] + profile[6]) / 2;
    const week = (profile[0] + profile[1] + profile[2] + profile[3] + profile[4]) / 5;
    expect(weekend / week).toBeGreaterThan(1.8);
    expect(weekend / week).toBeLessThan(2.2);
  });
});

describe('shared ridge', () => {
  it('gives the same coefficients whether rows are subtracted or added up', () => {
    const panel = demandPanel({ days: 300 });
    const design = buildCalendarDesign(calendarOf(panel), panel.startPeriod, {
      from: 0,
      end: 300,
      horizon: 10,
      bendEvery: 90,
      fourierOrder: 2,
      monthBands: true,
      eventReach: null,
    });
    const target = Float64Array.from({ length: 300 }, (_, r) => 5 + (r % 7) + r / 50);
    const weights = Float64Array.from(target, (_, r) => 0.5 ** ((299 - r) / 200));
    const most = Uint8Array.from(target, (_, r) => (r < 110 ? 0 : 1));
    const subtracted = new SharedRidge(design, weights).fit(target, most);
    const masked = weights.map((weight, r) => weight * most[r]);
    const direct = new SharedRidge(design, masked).fit(target, new Uint8Array(300).fill(1));
    subtracted.forEach((coefficient, c) => expect(coefficient).toBeCloseTo(direct[c], 8));
  });
});

describe('additive model', () => {
  const days = 800;
  const events = [100, 465, 810].map((offset) => ({ day: demandPanel().startPeriod + offset, name: 'Festival' }));
  const panel = demandPanel({
    days,
    products: 2,
    mean: (p, _l, d) =>
      (p + 2) * (1 + 0.4 * Math.sin((2 * Math.PI * d) / 365.25)) * ((d + 6) % 7 >= 5 ? 2 : 1) +
      (d === 100 || d === 465 ? 40 : 0),
  });

  it('splits the forecast into parts that add up to it, and sees weekend and holiday', () => {
    const model = new AdditiveModel(panel, observedDays(panel), calendarOf(panel, events), 28);
    const { mean, parts } = model.forecast(2);
    expect(parts).toHaveLength(4);
    for (let h = 0; h < 28; h++) {
      const sum = parts.reduce((total, part) => total + part[h], 0);
      expect(sum).toBeCloseTo(mean[h], 4);
      expect(mean[h]).toBeGreaterThanOrEqual(0);
    }
    const weekly = parts[1];
    const weekend = [...weekly].filter((_, h) => (days + h + 6) % 7 >= 5);
    const week = [...weekly].filter((_, h) => (days + h + 6) % 7 < 5);
    expect(Math.min(...weekend)).toBeGreaterThan(Math.max(...week));
    expect(parts[3][10]).toBeGreaterThan(8);
    expect(parts[3][9]).toBe(0);
  });

  it('takes the mean of the days there are when they are too few', () => {
    const short = panelOf([[...new Array<number>(100).fill(NaN), 2, 4, 3]]);
    const { mean } = new AdditiveModel(short, observedDays(short), calendarOf(short), 5).forecast(0);
    expect([...mean]).toEqual([3, 3, 3, 3, 3]);
  });
});

describe('degenerate series', () => {
  const zeros = new Array<number>(60).fill(0);
  const spike = [...zeros];
  spike[30] = 5000;
  const rows: [string, number[], number][] = [
    ['all zeros', zeros, 0],
    ['a constant', new Array<number>(60).fill(4), 4],
    ['one spike', spike, 5000],
    ['one day', [...new Array<number>(59).fill(NaN), 3], 3],
    ['a steep climb', Array.from({ length: 60 }, (_, d) => d * d), 3481],
    ['no history', new Array<number>(60).fill(NaN), 0],
  ];
  it.each(rows)('%s: every model stays between 0 and the greatest sale', (_name, row, greatest) => {
    const panel = panelOf([row]);
    for (const model of ['naive', 'weekday', 'level', 'theta'] as const)
      for (const value of forecast(panel, 366, model)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(greatest);
      }
    for (const value of new AdditiveModel(panel, observedDays(panel), calendarOf(panel), 366).forecast(0).mean) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(greatest);
    }
  });
});
