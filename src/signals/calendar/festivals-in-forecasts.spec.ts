import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { trainForecaster } from '../../engine/index.ts';
import { dayOf } from '../civil-day.ts';
import { festivalsOf } from './festivals.ts';

const FIRST = dayOf('2022-01-01');
const HORIZON = 28;
/** Days up to a festival on which more is bought, and how much on the day itself. */
const LEAD = 4;
const LIFT = 1.5;

const listed = [2022, 2023, 2024, 2025, 2026].flatMap(festivalsOf);
const calendar = listed.map(({ date, name }) => ({ day: dayOf(date), name }));
const dateIn = (year: number, festival: string) =>
  dayOf(listed.find(({ date, name }) => name === festival && date.startsWith(String(year)))?.date ?? '');

/** What the days before a festival do to demand: rising to two and a half times on the day itself. */
function liftOf(festivals: readonly number[], day: number): number {
  const next = festivals.find((festival) => festival >= day && festival - day <= LEAD);
  return next === undefined ? 1 : 1 + LIFT * (1 - (next - day) / (LEAD + 1));
}

const weekdayOf = (day: number) => (day % 7 >= 5 ? 1.4 : 1);

/** The forecast and its pooled model alone: sums of everything day by day, over what is usual on such a weekday. */
function forecastLifts(festival: string, lastDay: number): { readonly ensemble: number[]; readonly pooled: number[] } {
  const planted = [2022, 2023, 2024, 2025].map((year) => dateIn(year, festival));
  const usual = (product: number, location: number) => 8 + 2 * product + 4 * location;
  const panel = demandPanel({
    products: 6,
    locations: 2,
    days: lastDay - FIRST + 1,
    seed: 3,
    mean: (p, l, d) => usual(p, l) * weekdayOf(FIRST + d) * liftOf(planted, FIRST + d),
  });
  const { forecast } = trainForecaster({ ...panel, startPeriod: FIRST }, calendar, {
    horizon: HORIZON,
    holdOutPeriods: 0,
    budget: 'quick',
    seed: 1,
  });
  const everything = Array.from({ length: 12 }, (_, s) => usual(Math.floor(s / 2), s % 2)).reduce((a, b) => a + b, 0);
  const liftsOf = (mean: Float32Array) =>
    Array.from({ length: HORIZON }, (_, h) => {
      let units = 0;
      for (let s = 0; s < 12; s++) units += mean[s * HORIZON + h];
      return units / (everything * weekdayOf(lastDay + 1 + h));
    });
  const pooled = forecast.components.find(({ name }) => name === 'boosted');
  if (!pooled) throw new Error('There is history enough for a pooled model');
  return { ensemble: liftsOf(forecast.mean), pooled: liftsOf(pooled.mean) };
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const EXPECTED = average(Array.from({ length: LEAD + 1 }, (_, i) => 1 + (LIFT * (i + 1)) / (LEAD + 1)));

/** 2025 is the first year of which nothing was seen; both festivals come eleven days sooner in it than the year before. */
describe.each([
  ['Diwali', '2025-10-08', 11],
  ['Eid al-Fitr', '2025-03-19', 11],
])('the forecast of %s', (festival, lastSeen, sooner) => {
  const lastDay = dayOf(lastSeen);
  const { ensemble, pooled } = forecastLifts(festival, lastDay);
  const at = dateIn(2025, festival) - lastDay - 1;
  const upTo = (lifts: readonly number[], h: number) => average(lifts.slice(h - LEAD, h + 1));

  it('rises in the week in which it is this year, most on the day', () => {
    expect(Math.abs(upTo(pooled, at) / EXPECTED - 1)).toBeLessThan(0.2);
    // The ensemble rises less: it is weighed on the weeks before, in which no festival tells its members apart.
    expect(upTo(ensemble, at)).toBeGreaterThan(1.25);
    expect(upTo(ensemble, at) / EXPECTED).toBeLessThan(1.2);
    for (const lifts of [ensemble, pooled]) expect(lifts.indexOf(Math.max(...lifts))).toBe(at);
  });

  it('does not rise where it was last year', () => {
    expect(dateIn(2024, festival) - dateIn(2025, festival) + 365).toBe(sooner);
    for (const lifts of [ensemble, pooled]) expect(Math.abs(upTo(lifts, at + sooner) - 1)).toBeLessThan(0.15);
  });
});
