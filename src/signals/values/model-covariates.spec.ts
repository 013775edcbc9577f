import { describe, expect, it } from '@jest/globals';
import { dayOf, isoOf } from '../civil-day.ts';
import {
  changeCovariate,
  growthCovariate,
  measuredCovariate,
  PanelFrame,
  plannedCovariate,
  weatherCovariate,
} from './model-covariates.ts';
import type { LocationValues } from './signal-values.ts';

const START = dayOf('2024-01-01');
/** Ten days of sales of three series at the locations 4 and 9. */
const FRAME: PanelFrame = { startDay: START, endDay: START + 9, locations: Int32Array.of(4, 4, 9), ahead: 30 };
const series = (location: number, from: number, values: readonly number[]): LocationValues => ({
  location,
  days: values.map((_, i) => from + i),
  values,
});
const rows = (values: ArrayLike<number>, stride: number, row: number) =>
  Array.from(values).slice(row * stride, (row + 1) * stride);

describe('weather for models', () => {
  it('is what was measured, then what is forecast, and what is usual beyond', () => {
    // A year ago it was 20 degrees throughout; the forecast reaches three days past the panel.
    const ago = series(4, START - 365 - 20, new Array<number>(80).fill(20));
    const now = series(4, START, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    const both = { location: 4, days: [...ago.days, ...now.days], values: [...ago.values, ...now.values] };
    const covariate = weatherCovariate('temperature', [both], FRAME)!;
    expect(covariate).toMatchObject({ known: true, reach: 7, stride: 40, rowOf: Int32Array.of(0, 0, 1) });
    const told = rows(covariate.values, 40, 0);
    expect(told.slice(0, 13)).toEqual(now.values);
    expect(told.slice(13)).toEqual(new Array(27).fill(20));
    expect(rows(covariate.expected!, 40, 0)).toEqual(new Array(40).fill(20));
    // The other location has no weather.
    expect(rows(covariate.values, 40, 1).every(Number.isNaN)).toBe(true);
  });

  it('takes nothing that lies ahead for usual', () => {
    const values = series(0, START - 400, new Array<number>(410 + 30).fill(1));
    const later = { ...values, values: values.values.map((value, i) => (i >= 410 ? 1000 : value)) };
    const frame = { ...FRAME, ahead: 400 };
    expect(weatherCovariate('rainfall', [later], frame)!.expected).toEqual(
      weatherCovariate('rainfall', [values], frame)!.expected,
    );
  });

  it('holds everywhere where a location has none of its own, and is left out where there is none', () => {
    const covariate = weatherCovariate('rainfall', [series(0, START, [7, 7]), series(9, START, [1, 1])], FRAME)!;
    expect([0, 1].map((row) => covariate.values[row * 40])).toEqual([7, 1]);
    expect(weatherCovariate('rainfall', [], FRAME)).toBeNull();
    expect(weatherCovariate('rainfall', [series(5, START, [1])], FRAME)).toBeNull();
  });
});

describe('local signals for models', () => {
  it('know traffic of the past and events of the days to come', () => {
    expect(measuredCovariate('traffic', [series(9, START + 1, [3])], FRAME)).toMatchObject({
      known: false,
      stride: 10,
    });
    const event = plannedCovariate('local_event', [series(9, START + 12, [1])], FRAME)!;
    expect(event).toMatchObject({ known: true, reach: 30, stride: 40 });
    expect(Array.from(event.values).indexOf(1)).toBe(40 + 12);
    expect(plannedCovariate('local_event', [series(9, START + 12, [0])], FRAME)).toBeNull();
  });
});

describe('the economy for models', () => {
  const vintage = (date: string, knownFrom: string, value: number) => ({
    signal: 'cpi',
    location: 0,
    date,
    knownFrom,
    value,
  });
  const PUBLISHED = [
    vintage('2022-11-01', '2022-12-12', 100),
    vintage('2022-12-01', '2023-01-12', 100),
    vintage('2023-11-01', '2023-12-12', 104),
    vintage('2023-12-01', '2024-01-04', 105),
  ];
  const inflation = (vintages: typeof PUBLISHED) =>
    Array.from(growthCovariate({ name: 'inflation', signal: 'cpi' }, vintages, FRAME)!.values);

  it('are what was published by each day', () => {
    const values = inflation(PUBLISHED);
    expect(values.slice(0, 3).every((value) => Math.abs(value - 0.04) < 1e-6)).toBe(true);
    expect(values.slice(3).every((value) => Math.abs(value - 0.05) < 1e-6)).toBe(true);
  });

  it('know a revision from its day on and not before', () => {
    const revised = inflation([...PUBLISHED, vintage('2023-12-01', '2024-01-08', 110)]);
    expect(revised.slice(0, 7)).toEqual(inflation(PUBLISHED).slice(0, 7));
    expect(revised[7]).toBeCloseTo(0.1);
  });

  it('are unknown without the year before', () => {
    expect(growthCovariate({ name: 'gdp_growth', signal: 'gdp' }, PUBLISHED, FRAME)).toBeNull();
    expect(growthCovariate({ name: 'inflation', signal: 'cpi' }, PUBLISHED.slice(2), FRAME)).toBeNull();
  });
});

describe('the market for models', () => {
  it('changes by what was closed the day before', () => {
    // 2023-11-20 to 2024-01-05: weekends lack a close.
    const days = Array.from({ length: 47 }, (_, i) => START - 42 + i).filter((day) => !/[06]/.test(weekday(day)));
    const closes = { location: 0, days, values: days.map((day) => 1000 + day - START) };
    const { values } = changeCovariate('market_change', closes, FRAME)!;
    expect(isoOf(START)).toBe('2024-01-01');
    // On Monday 2024-01-01 the close of the Friday before is known; four weeks ago that of 2023-12-01 was.
    expect(values[0]).toBeCloseTo((1000 - 3) / (1000 - 31) - 1);
    expect(values[1]).toBeCloseTo(1000 / (1000 - 28) - 1);
    expect(changeCovariate('market_change', undefined, FRAME)).toBeNull();
  });
});

const weekday = (day: number) => String(new Date(day * 86_400_000).getUTCDay());
