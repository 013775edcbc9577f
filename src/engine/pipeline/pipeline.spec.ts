import { describe, expect, it } from '@jest/globals';
import { demandPanel, FIRST_DAY, panelOf } from '../../../test/support/demand-panels.ts';
import { CancelledError, CorruptModelError, InvalidInputError } from '../errors.ts';
import type { Panel } from '../series/panel.ts';
import { assembleParts, forecastPart, forecastWith } from './forecast.ts';
import { trainForecaster } from './train.ts';
import type { Forecast, TrainOptions } from './types.ts';

const QUICK: TrainOptions = { budget: 'quick', maxTrainingRows: 4000, horizon: 14 };
const EVENTS = [100, 465].map((d) => ({ day: FIRST_DAY + d, name: 'Festival' }));

function growingPanel(): Panel {
  return demandPanel({
    products: 10,
    locations: 2,
    days: 420,
    mean: (p, l, d) => (0.4 + p) * (1 + 0.5 * l) * ((d + 6) % 7 >= 5 ? 1.8 : 1) * (1 + 0.1 * Math.sin(d / 58)),
  });
}

/** Nothing missing, nothing negative, nothing crossing, totals that add up. */
function expectSound(forecast: Forecast, panel: Panel): void {
  const { horizon, mean, quantiles, productTotals } = forecast;
  expect(mean).toHaveLength(forecast.seriesIndices.length * horizon);
  let wrong = 0;
  for (const [means, levels] of [
    [mean, quantiles],
    [productTotals.mean, productTotals.quantiles],
  ] as const) {
    for (let i = 0; i < means.length; i++) {
      if (!(means[i] >= 0 && means[i] < 1e6)) wrong++;
      for (let q = 0; q < levels.length; q++)
        if (!(levels[q][i] >= (q === 0 ? 0 : levels[q - 1][i]) && levels[q][i] < 1e7)) wrong++;
    }
  }
  for (const component of forecast.components) for (const value of component.mean) if (!(value >= 0)) wrong++;
  expect(wrong).toBe(0);
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);
  expect(sum(productTotals.mean)).toBeCloseTo(sum(mean), 2);
  expect(forecast.startPeriod).toBe(panel.startPeriod + panel.periodCount);
}

describe('trainForecaster', () => {
  const panel = growingPanel();
  const result = trainForecaster(panel, EVENTS, QUICK);

  it('beats the last seven days repeated, without bias, with honest intervals', () => {
    const { evaluation, forecast, holdOut } = result;
    if (evaluation === null || holdOut === null) throw new Error('The history is long enough for a hold-out');
    expectSound(forecast, panel);
    expectSound(holdOut.forecast, { ...panel, periodCount: 390 });
    expect(evaluation.holdOutPeriods).toBe(30);
    expect(evaluation.ensemble.wape).toBeLessThan(0.9 * (evaluation.seasonalNaiveWape ?? 0));
    expect(Math.abs(evaluation.ensemble.bias ?? 1)).toBeLessThan(0.1);
    expect(evaluation.ensemble.coverage).toBeGreaterThan(0.72);
    expect(evaluation.ensemble.coverage).toBeLessThan(0.88);
    expect(evaluation.productTotals.coverage).toBeGreaterThan(0.65);
    expect(evaluation.ensemble.count).toBe(20 * 30);
    expect(evaluation.byHorizon.map(({ from, to }) => [from, to])).toEqual([
      [1, 7],
      [8, 14],
      [15, 21],
      [22, 28],
      [29, 30],
    ]);
    let error = 0;
    let units = 0;
    holdOut.actual.forEach((y, i) => {
      error += Math.abs(y - holdOut.forecast.mean[i]);
      units += y;
    });
    expect(evaluation.ensemble.wape).toBeCloseTo(error / units, 10);
    expect(evaluation.members.map((member) => member.name)).toEqual(
      expect.arrayContaining(['seasonal_naive', 'theta', 'additive', 'intermittent', 'boosted']),
    );
  });

  it('gives the same bits for the same input', () => {
    const again = trainForecaster(growingPanel(), EVENTS, QUICK);
    expect(again.model).toBe(result.model);
    expect(again.forecast).toEqual(result.forecast);
  });

  it('keeps the hold-out away from everything it judges', () => {
    const poisoned = growingPanel();
    for (let s = 0; s < poisoned.seriesCount; s++)
      poisoned.sales.fill(777, s * poisoned.periodCount + 390, (s + 1) * poisoned.periodCount);
    const other = trainForecaster(poisoned, EVENTS, QUICK);
    expect(other.holdOut?.forecast).toEqual(result.holdOut?.forecast);
    expect(other.evaluation?.ensemble.wape).not.toBe(result.evaluation?.ensemble.wape);
    expect(other.model).not.toBe(result.model);
  });

  it('forecasts again from the stored model, all series or some', () => {
    expect(forecastWith(result.model, panel, EVENTS)).toEqual(result.forecast);
    const some = forecastWith(result.model, panel, EVENTS, { seriesIndices: Int32Array.of(7, 2) });
    expect([...some.mean]).toEqual([
      ...result.forecast.mean.subarray(7 * 14, 8 * 14),
      ...result.forecast.mean.subarray(2 * 14, 3 * 14),
    ]);
    expect([...some.productTotals.products]).toEqual([1, 3]);
    expect([...some.productTotals.mean.subarray(0, 14)]).toEqual([
      ...result.forecast.productTotals.mean.subarray(14, 28),
    ]);
  });

  it('forecasts in parts what it forecasts at once, however they are cut', () => {
    const series = Int32Array.from({ length: 20 }, (_, s) => s);
    const partOf = (remainder: number) =>
      forecastPart(result.model, panel, EVENTS, { seriesIndices: series.filter((s) => s % 3 === remainder) });
    const parts = [partOf(2), partOf(0), partOf(1)];
    expect(assembleParts(result.model, panel, EVENTS, parts)).toEqual(result.forecast);
    expect(assembleParts(result.model, panel, EVENTS, [forecastPart(result.model, panel, EVENTS)])).toEqual(
      result.forecast,
    );
    for (const wrong of [[parts[0], parts[1]], [...parts, parts[0]], []])
      expect(() => assembleParts(result.model, panel, EVENTS, wrong)).toThrow(InvalidInputError);
  });

  it('forecasts a year ahead', () => {
    const year = forecastWith(result.model, panel, EVENTS, { horizon: 366 });
    expectSound(year, panel);
    const month = (from: number) => year.mean.subarray(from, from + 28).reduce((total, value) => total + value, 0);
    expect(month(330)).toBeLessThan(5 * month(0));
    expect(month(330)).toBeGreaterThan(month(0) / 5);
  });

  it('refuses a damaged, foreign or newer model', () => {
    const refused = [
      result.model.replace('"weights"', '"weight5"'),
      result.model.slice(0, -100),
      result.model.replace('forecaster 3 ', 'forecaster 4 '),
      'hello',
      '',
    ];
    for (const text of refused) expect(() => forecastWith(text, panel, EVENTS)).toThrow(CorruptModelError);
  });

  it('names what is wrong with its arguments', () => {
    const train = (options: TrainOptions) => () => trainForecaster(panel, EVENTS, options);
    expect(train({ horizon: 400 })).toThrow(InvalidInputError);
    expect(train({ holdOutPeriods: -1 })).toThrow(/holdOutPeriods/);
    expect(train({ future: { price: new Float32Array(3) } })).toThrow(/future\.price/);
    expect(() => forecastWith(result.model, panel, EVENTS, { seriesIndices: Int32Array.of(20) })).toThrow(/20/);
  });

  it('reports its progress upwards to 100 and stops when asked', () => {
    const percents: number[] = [];
    trainForecaster(panel, EVENTS, { ...QUICK, maxTrainingRows: 1000 }, { onProgress: (p) => percents.push(p) });
    expect(percents.at(-1)).toBe(100);
    expect([...percents].sort((a, b) => a - b)).toEqual(percents);
    let asked = 0;
    const isCancelled = () => ++asked > 20;
    expect(() => trainForecaster(panel, EVENTS, QUICK, { isCancelled })).toThrow(CancelledError);
  });
});

describe('signals', () => {
  it('learns the effect of planned promotions and does not take a stockout for a lack of demand', () => {
    const days = 300;
    const promoted = (s: number, d: number) => (d * 7 + s * 13) % 10 === 0;
    const base = demandPanel({
      products: 20,
      locations: 1,
      days,
      mean: (p, _l, d) => (promoted(p, d) ? 20 : 5),
    });
    const promotion = base.sales.map((_, i) => (promoted(Math.floor(i / days), i % days) ? 1 : 0));
    const inStock = new Uint8Array(base.sales.length).fill(1);
    for (let d = 200; d < days; d += 2) {
      inStock[d] = 0;
      base.sales[d] = 0;
    }
    const future = new Float32Array(20 * 14);
    future.fill(1, 14, 28);
    const { forecast, facts } = trainForecaster({ ...base, promotion, inStock }, [], {
      ...QUICK,
      maxTrainingRows: 6000,
      known: { promotion: true },
      future: { promotion: future },
    });
    const level = (s: number) =>
      forecast.mean.subarray(s * 14, s * 14 + 14).reduce((sum, value) => sum + value, 0) / 14;
    expect(level(1)).toBeGreaterThan(2 * level(2));
    expect(level(0)).toBeGreaterThan(0.75 * level(2));
    expect(facts.stockoutDays).toBe(50);
  });
});

describe('little history', () => {
  const name = (forecast: Forecast, row: number) => ['full', 'limited', 'cold_start'][forecast.sufficiency[row]];
  const days = 300;
  const established = Array.from({ length: 12 }, (_, s) => Array.from({ length: days }, (_v, d) => (d * (s + 3)) % 7));

  it('forecasts new, ended, silent, spiky and constant series among others', () => {
    const spike = new Array<number>(days).fill(0);
    spike[150] = 9000;
    const panel = panelOf([
      ...established,
      [...new Array<number>(days - 3).fill(NaN), 2, 0, 1],
      new Array<number>(days).fill(0),
      spike,
      new Array<number>(days).fill(5),
      [...new Array<number>(days - 20).fill(NaN), ...new Array<number>(20).fill(4)],
      new Array<number>(days).fill(NaN),
      Array.from({ length: days }, (_, d) => (d <= 100 ? 3 : NaN)),
    ]);
    const lastPeriod = panel.firstPeriod.map((_, s) => (s === 18 ? 100 : days - 1));
    const { forecast, evaluation } = trainForecaster({ ...panel, lastPeriod }, [], QUICK);
    expectSound(forecast, panel);
    expect(evaluation).not.toBeNull();
    expect([12, 13, 15, 16, 17].map((row) => name(forecast, row))).toEqual([
      'cold_start',
      'limited',
      'full',
      'cold_start',
      'cold_start',
    ]);
    // Three and twenty days of its own beside the seven that similar series weigh, and none.
    expect([12, 15, 16, 17].map((row) => forecast.ownWeight[row].toFixed(3))).toEqual([
      '0.300',
      '1.000',
      '0.741',
      '0.000',
    ]);
    const mean = (row: number) => forecast.mean.subarray(row * 14, row * 14 + 14).reduce((sum, y) => sum + y, 0) / 14;
    expect(mean(12)).toBeGreaterThan(0.5);
    expect(mean(13)).toBeLessThan(1);
    expect(mean(14)).toBeLessThan(300);
    expect(mean(15)).toBeGreaterThan(3);
    expect(mean(15)).toBeLessThan(7);
    expect(mean(17)).toBeGreaterThan(0);
    expect(mean(18)).toBe(0);
  });

  it.each([1, 3, 10, 27, 28, 35, 60, 100])('forecasts from %i days in all', (count) => {
    const panel = panelOf(established.slice(0, 3).map((row) => row.slice(0, count)));
    const { forecast, evaluation } = trainForecaster(panel, [], QUICK);
    expectSound(forecast, panel);
    expect(evaluation === null).toBe(count < 28);
    expect(name(forecast, 0)).toBe(count < 28 ? 'cold_start' : 'limited');
    const total = forecast.mean.reduce((sum, value) => sum + value, 0);
    if (count >= 3) expect(total).toBeGreaterThan(0);
  });

  it('forecasts a single series', () => {
    const panel = panelOf([Array.from({ length: 250 }, (_, d) => 10 + (d % 7))]);
    const { forecast, evaluation } = trainForecaster(panel, [], QUICK);
    expectSound(forecast, panel);
    expect(evaluation?.ensemble.wape).toBeLessThan(0.25);
  });

  it('forecasts nothing from nothing', () => {
    const panel = panelOf([new Array<number>(200).fill(0), new Array<number>(200).fill(NaN)]);
    const { forecast, evaluation } = trainForecaster(panel, [], QUICK);
    expect([...forecast.mean].every((value) => value === 0)).toBe(true);
    expect(evaluation?.ensemble.wape).toBeNull();
  });
});
