import { describe, expect, it } from '@jest/globals';
import { demandPanel, FIRST_DAY } from '../../../test/support/demand-panels.ts';
import { InvalidInputError } from '../errors.ts';
import { explainForecast, FORECAST_DRIVERS, type ForecastDriver } from './explanation.ts';
import { trainForecaster } from './train.ts';

const DAYS = 800;
const HORIZON = 10;
/** Every fair doubles demand; the last lies on the third day forecast. */
const FAIRS = [60, 180, 330, 420, 510, 640, 720, DAYS + 2];
const EVENTS = FAIRS.map((day) => ({ day: FIRST_DAY + day, name: 'Fair' }));
const isFair = (day: number) => FAIRS.includes(day);
const isWeekend = (day: number) => (day + 6) % 7 >= 5;

/** Twelve products at two places; prices are cut for four days a month, which raises sales by half. */
function fairPanel() {
  const isCut = (day: number) => day % 30 < 4;
  const panel = demandPanel({
    products: 12,
    locations: 2,
    days: DAYS,
    mean: (p, l, d) => (4 + p) * (1 + l) * (isWeekend(d) ? 1.6 : 1) * (isFair(d) ? 2 : 1) * (isCut(d) ? 1.5 : 1),
  });
  const price = Float32Array.from({ length: panel.seriesCount * DAYS }, (_, i) => (isCut(i % DAYS) ? 8 : 10));
  return { ...panel, price };
}

describe('explainForecast', () => {
  const panel = fairPanel();
  const future = { price: new Float32Array(panel.seriesCount * HORIZON).fill(10) };
  // The last two days forecast are sold at the lower price.
  for (let s = 0; s < panel.seriesCount; s++) future.price.fill(8, (s + 1) * HORIZON - 2, (s + 1) * HORIZON);
  const { model, forecast } = trainForecaster(panel, EVENTS, {
    budget: 'quick',
    horizon: HORIZON,
    known: { price: true },
    future,
  });
  const all = Int32Array.from({ length: panel.seriesCount }, (_, s) => s);
  const ask = { seriesIndices: all, horizon: HORIZON, means: forecast.mean, future };
  const { contributions } = explainForecast(model, panel, EVENTS, ask);
  const width = FORECAST_DRIVERS.length;
  const of = (driver: ForecastDriver, row: number, h: number) =>
    contributions[(row * HORIZON + h) * width + FORECAST_DRIVERS.indexOf(driver)];
  const meanOf = (driver: ForecastDriver, h: number) =>
    all.reduce((sum, row) => sum + of(driver, row, h), 0) /
    all.reduce((sum, row) => sum + forecast.mean[row * HORIZON + h], 0);

  it('adds up to every forecast', () => {
    forecast.mean.forEach((mean, i) => {
      const sum = contributions.subarray(i * width, (i + 1) * width).reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(mean, 6);
    });
  });

  it('books the fair under holiday, on its day alone', () => {
    expect(meanOf('holiday', 2)).toBeGreaterThan(0.25);
    for (const h of [0, 4, 5, 6, 7]) expect(Math.abs(meanOf('holiday', h))).toBeLessThan(0.1);
  });

  it('books what a lower price brings under price', () => {
    for (const h of [8, 9]) expect(meanOf('price', h) - meanOf('price', 6)).toBeGreaterThan(0.08);
  });

  it('books the week under weekday, which takes as much as it gives', () => {
    const week = Array.from({ length: 7 }, (_, h) => h);
    const weekend = week.filter((h) => isWeekend(DAYS + h));
    for (const h of week) expect(meanOf('weekday', h) > 0).toBe(weekend.includes(h));
    for (let row = 0; row < 4; row++) expect(week.reduce((sum, h) => sum + of('weekday', row, h), 0)).toBeCloseTo(0, 5);
  });

  it('holds the larger place to have the larger level', () => {
    for (let row = 0; row < all.length; row += 2) {
      expect(of('level', row + 1, 0) / of('level', row, 0)).toBeGreaterThan(1.5);
      expect(of('level', row, 0)).toBeGreaterThan(0.5 * forecast.mean[row * HORIZON]);
    }
  });

  it('says the same of a series, whoever else is asked for', () => {
    const means = [...forecast.mean.subarray(5 * HORIZON, 6 * HORIZON), ...forecast.mean.subarray(0, HORIZON)];
    const some = explainForecast(model, panel, EVENTS, { ...ask, seriesIndices: Int32Array.of(5, 0), means });
    expect([...some.contributions]).toEqual([
      ...contributions.subarray(5 * HORIZON * width, 6 * HORIZON * width),
      ...contributions.subarray(0, HORIZON * width),
    ]);
  });

  it('explains a forecast of one day', () => {
    const means = Float32Array.of(forecast.mean[0]);
    const plan = { price: new Float32Array(panel.seriesCount).fill(10) };
    const one = { seriesIndices: Int32Array.of(0), horizon: 1, means, future: plan };
    const sum = explainForecast(model, panel, EVENTS, one).contributions.reduce((total, value) => total + value, 0);
    expect(sum).toBeCloseTo(means[0], 6);
  });

  it('refuses series that are not there and means that do not fit', () => {
    expect(() => explainForecast(model, panel, EVENTS, { ...ask, seriesIndices: Int32Array.of(99) })).toThrow(
      InvalidInputError,
    );
    expect(() => explainForecast(model, panel, EVENTS, { ...ask, means: [1] })).toThrow('means has 1 entries');
  });
});
