import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { explainForecast, FORECAST_DRIVERS } from '../pipeline/explanation.ts';
import { assembleParts, forecastPart, forecastWith } from '../pipeline/forecast.ts';
import { trainForecaster } from '../pipeline/train.ts';
import type { Forecast } from '../pipeline/types.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';
import { truncatePanel } from '../series/truncate.ts';
import { carriedFactor, carrySpikes, CARRY_OVER } from './carry-over.ts';

const [PRODUCTS, PLACES, DAYS, HORIZON] = [24, 4, 400, 14];
const VIRAL = 5;
const usual = (product: number, place: number, day: number) =>
  (2 + product / 2) * (1 + 0.4 * place) * ((day + 6) % 7 >= 5 ? 1.5 : 1);
const panel = demandPanel({ products: PRODUCTS, locations: PLACES, days: DAYS, seed: 3, mean: usual });

/** The panel with other sales of some products on its last days. @param times what the usual is multiplied by, oldest first */
function withLast(times: readonly number[], products: readonly number[] = [VIRAL], draw = Math.round): Panel {
  const sales = panel.sales.slice();
  panel.product.forEach((product, s) => {
    if (!products.includes(product)) return;
    times.forEach((factor, i) => {
      const day = DAYS - times.length + i;
      sales[s * DAYS + day] = draw(factor * usual(product, panel.location[s], day));
    });
  });
  return { ...panel, sales };
}

const found = (history: Panel, isEvent = (_period: number) => false) =>
  carrySpikes({ panel: history, observed: observedDays(history), isEvent });
const isViral = (series: number) => panel.product[series] === VIRAL;

describe('a spike at the end of a history', () => {
  it('is one product far above the usual at many places, and there alone', () => {
    const spikes = found(withLast([3]));
    spikes?.excess.forEach((excess, s) => {
      if (!isViral(s)) expect(excess).toBe(0);
      // The usual is a mean of eight draws.
      else expect(Math.abs(excess - 2 * CARRY_OVER.share)).toBeLessThan(0.25);
    });
    expect(spikes?.excess.filter((excess) => excess > 0)).toHaveLength(PLACES);
  });

  it('gives way to the usual in what the models see, as long as it is no new level', () => {
    for (const days of [1, 2, 3]) {
      const spikes = found(withLast(new Array<number>(days).fill(3)));
      panel.product.forEach((product, s) => {
        for (let day = DAYS - 4; day < DAYS; day++) {
          const seen = spikes?.panel.sales[s * DAYS + day] ?? NaN;
          if (product === VIRAL && day >= DAYS - days)
            expect(seen / usual(product, panel.location[s], day)).toBeLessThan(2);
          else expect(seen).toBe(panel.sales[s * DAYS + day]);
        }
      });
    }
    const lasting = withLast([3, 3, 3, 3]);
    const spikes = found(lasting);
    expect(spikes?.panel.sales).toEqual(lasting.sales);
    expect(Math.max(...(spikes?.excess ?? []))).toBeGreaterThan(0.5);
  });

  it('is nothing that fades already, nor at one place, nor on a day on which everything sells', () => {
    expect(found(withLast([3, 1]))).toBeNull();
    const one = { ...panel, sales: panel.sales.slice() };
    one.sales[VIRAL * PLACES * DAYS + DAYS - 1] *= 5;
    expect(found(one)).toBeNull();
    expect(
      found(
        withLast(
          [3],
          Array.from({ length: PRODUCTS }, (_, p) => p),
        ),
      ),
    ).toBeNull();
  });

  it('is nothing that an event, a promotion, a lower price or the season explains', () => {
    const spiked = withLast([3]);
    expect(found(spiked, (period) => period === DAYS - 1)).toBeNull();
    const promotion = new Float32Array(panel.sales.length);
    const price = new Float32Array(panel.sales.length).fill(10);
    for (let s = 0; s < panel.seriesCount; s++) {
      promotion[(s + 1) * DAYS - 1] = 1;
      price[(s + 1) * DAYS - 1] = 9;
    }
    expect(found({ ...spiked, promotion })).toBeNull();
    expect(found({ ...spiked, price })).toBeNull();
    expect(found({ ...spiked, price: price.fill(10) })).not.toBeNull();
    for (let s = 0; s < panel.seriesCount; s++) if (isViral(s)) spiked.sales[(s + 1) * DAYS - 1 - 367] *= 4;
    expect(found(spiked)).toBeNull();
  });

  it('is hardly ever seen in ordinary sales', () => {
    for (let day = 60; day <= DAYS; day += 4) expect(found(truncatePanel(panel, day))).toBeNull();
  });
});

describe('forecasts after a spike', () => {
  const { model } = trainForecaster(panel, [], { budget: 'quick', horizon: HORIZON });
  const options = { horizon: HORIZON };
  const plain = forecastWith(model, panel, [], options);
  /** Units forecast for some series on a day ahead. */
  const sum = ({ mean }: Forecast, of: (series: number) => boolean, h: number) =>
    mean.reduce((total, units, i) => (i % HORIZON === h && of(Math.floor(i / HORIZON)) ? total + units : total), 0);

  it.each([1, 2])('are lifted after %i days of it, less from day to day, and those of others are not', (days) => {
    const forecast = forecastWith(model, withLast(new Array<number>(days).fill(3)), [], options);
    const ratio = (of: (series: number) => boolean) =>
      Array.from({ length: HORIZON }, (_, h) => sum(forecast, of, h) / sum(plain, of, h));
    const lift = ratio(isViral);
    expect(lift[0]).toBeGreaterThan(1.7);
    expect(lift[0]).toBeLessThan(2.5);
    for (let h = 1; h < 6; h++) expect(lift[h]).toBeLessThan(lift[h - 1] - 0.03);
    expect(lift[4]).toBeGreaterThan(1.05);
    for (let h = CARRY_OVER.reach; h < HORIZON; h++) expect(Math.abs(lift[h] - 1)).toBeLessThan(0.03);
    for (const other of ratio((series) => !isViral(series))) expect(Math.abs(other - 1)).toBeLessThan(0.01);
  });

  it('keep the proportions of their quantiles, and products are the sum of their places', () => {
    const history = withLast([3]);
    const { excess } = found(history) ?? {};
    const forecast = forecastWith(model, history, [], options);
    const without = forecastWith(model, found(history)?.panel ?? panel, [], options);
    forecast.mean.forEach((mean, i) => {
      const factor = carriedFactor(excess?.[Math.floor(i / HORIZON)] ?? 0, i % HORIZON);
      expect(mean / without.mean[i]).toBeCloseTo(factor, 5);
      forecast.quantiles.forEach((values, q) => expect(values[i]).toBeCloseTo(factor * without.quantiles[q][i], 3));
    });
    const { products, mean, quantiles } = forecast.productTotals;
    products.forEach((product, row) => {
      for (let h = 0; h < HORIZON; h++) {
        expect(mean[row * HORIZON + h]).toBeCloseTo(
          sum(forecast, (series) => panel.product[series] === product, h),
          2,
        );
        for (let q = 1; q < quantiles.length; q++)
          expect(quantiles[q][row * HORIZON + h]).toBeGreaterThanOrEqual(quantiles[q - 1][row * HORIZON + h]);
      }
    });
  });

  it('are the same from parts, and for some series', () => {
    const history = withLast([3]);
    const forecast = forecastWith(model, history, [], options);
    const parts = [0, 1].map((odd) =>
      forecastPart(model, history, [], {
        ...options,
        seriesIndices: Int32Array.from({ length: panel.seriesCount / 2 }, (_, i) => 2 * i + odd),
      }),
    );
    expect(assembleParts(model, history, [], parts, options)).toEqual(forecast);
    const series = VIRAL * PLACES + 1;
    const some = forecastWith(model, history, [], { ...options, seriesIndices: Int32Array.of(series) });
    expect(some.mean).toEqual(forecast.mean.slice(series * HORIZON, (series + 1) * HORIZON));
  });

  it('say in their explanation what the spike adds', () => {
    const history = withLast([3]);
    const { excess } = found(history) ?? {};
    const { mean } = forecastWith(model, history, [], options);
    const seriesIndices = Int32Array.from({ length: panel.seriesCount }, (_, s) => s);
    const { contributions } = explainForecast(model, history, [], { seriesIndices, horizon: HORIZON, means: mean });
    const width = FORECAST_DRIVERS.length;
    const spike = FORECAST_DRIVERS.indexOf('demand_spike');
    mean.forEach((units, i) => {
      const drivers = contributions.subarray(i * width, (i + 1) * width);
      const factor = carriedFactor(excess?.[Math.floor(i / HORIZON)] ?? 0, i % HORIZON);
      expect(drivers.reduce((total, value) => total + value, 0)).toBeCloseTo(units, 5);
      expect(drivers[spike]).toBeCloseTo(units - units / factor, 5);
    });
  });

  it('meet demand that fades better than forecasts that know nothing of the spike', () => {
    const rng = createRng(5);
    /** Near enough a Poisson draw: a spread of the root of the mean. */
    const draw = (mean: number) => Math.max(0, Math.round(mean + Math.sqrt(12 * mean) * (rng() - 0.5)));
    for (const halfLife of [1, 2]) {
      const excess = (age: number) => 2 * 0.5 ** (age / halfLife);
      const errors = { carried: 0, unaware: 0 };
      for (const products of [
        [5, 13, 21],
        [8, 16],
        [11, 19, 22],
      ]) {
        const carried = forecastWith(model, withLast([1 + excess(0)], products, draw), [], options);
        const unaware = forecastWith(model, withLast([1], products), [], options);
        panel.product.forEach((product, s) => {
          if (!products.includes(product)) return;
          for (let h = 0; h < 7; h++) {
            const actual = draw(usual(product, panel.location[s], DAYS + h) * (1 + excess(h + 1)));
            errors.carried += Math.abs(carried.mean[s * HORIZON + h] - actual);
            errors.unaware += Math.abs(unaware.mean[s * HORIZON + h] - actual);
          }
        });
      }
      expect(errors.carried / errors.unaware).toBeLessThan(0.8);
    }
  });
});
