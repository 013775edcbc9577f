import { describe, expect, it } from '@jest/globals';
import { demandDistribution } from '../engine/index.ts';
import type { DailyForecast } from '../forecasts/index.ts';
import type { CatalogueProduct } from '../products/index.ts';
import { dayOf, isoOf } from '../signals/index.ts';
import { summariseGroup, summariseProduct, weeksOf } from './forecast-summary.ts';

// A Thursday.
const fromDay = dayOf('2016-05-26');
const window = { fromDay, days: 10, previousFromDay: fromDay - 10 };

const product: CatalogueProduct = {
  id: 1,
  productId: 'p',
  sku: 'A',
  name: 'A',
  category: 'C',
  currentPrice: null,
  unitCost: null,
  leadTimeDays: 6,
  leadTimeStdDays: 0,
  packSize: 1,
  minOrderQuantity: 0,
  shelfLifeDays: null,
  serviceLevel: 0.9,
  listedFrom: null,
  listedUntil: null,
  attributes: {},
  deleted: false,
};

const forecast = (units: number, startDay = fromDay): DailyForecast => ({
  product: 1,
  location: 0,
  dataSufficiency: 'full',
  segment: 'smooth',
  dispersion: 2,
  run: {
    id: 1,
    runId: 'r',
    modelVersion: 'm',
    businessDate: isoOf(startDay - 1),
    horizonDays: 28,
    generatedAt: new Date(0),
    levels: [],
    sumInflation: Array.from({ length: 28 }, (_, i) => (i === 9 ? 3 : 1)),
  },
  startDay,
  mean: new Float32Array(28).fill(units),
  p10: new Float32Array(28),
  p50: new Float32Array(28),
  p90: new Float32Array(28),
  quantiles: [],
});

describe('weeksOf', () => {
  it('cuts a range at Mondays', () => {
    expect(weeksOf(window).map((week) => [isoOf(week.mondayDay), isoOf(week.fromDay), isoOf(week.toDay)])).toEqual([
      ['2016-05-23', '2016-05-26', '2016-05-29'],
      ['2016-05-30', '2016-05-30', '2016-06-04'],
    ]);
  });
});

describe('summariseProduct', () => {
  it('sums days by week beside the days before', () => {
    const previous = Float64Array.from({ length: 10 }, (_, i) => i);
    const summary = summariseProduct(product, [forecast(2.5)], previous, window);
    expect(summary).toMatchObject({ predicted: 25, previous: 45, trendPercent: -44.44 });
    expect(summary.weekly).toEqual([
      { predicted: 10, previous: 6 },
      { predicted: 15, previous: 39 },
    ]);
  });

  it('takes the quantiles of the sum and not the sum of quantiles', () => {
    const { p10, p90 } = summariseProduct(product, [forecast(5)], null, window);
    const demand = demandDistribution(50, 50 * 2 * 3);
    expect([p10, p90]).toEqual([demand.quantile(0.1), demand.quantile(0.9)]);
  });

  it('has no quantiles for several places, and no trend without a previous period', () => {
    const summary = summariseProduct(product, [forecast(2), forecast(3)], null, window);
    expect(summary).toMatchObject({ predicted: 50, p10: null, p90: null, previous: null, trendPercent: null });
    expect(summariseProduct(product, [forecast(2)], new Float64Array(10), window).trendPercent).toBeNull();
  });

  it('counts the days of the window only, wherever the forecast starts', () => {
    expect(summariseProduct(product, [forecast(1, fromDay - 5)], null, window).predicted).toBe(10);
    expect(summariseProduct(product, [forecast(1, fromDay - 20)], null, window).predicted).toBe(8);
  });
});

describe('summariseGroup', () => {
  it('adds up to the thousandth', () => {
    const previous = new Float64Array(10).fill(0.1);
    const products = Array.from({ length: 7 }, (_, i) =>
      summariseProduct({ ...product, id: i }, [forecast(0.1 + i / 3)], previous, window),
    );
    const group = summariseGroup(products, window);
    expect(group.products).toBe(7);
    expect(group.predicted).toBeCloseTo(
      products.reduce((sum, { predicted }) => sum + predicted, 0),
      9,
    );
    expect(group.weeks.reduce((sum, { predicted }) => sum + predicted, 0)).toBeCloseTo(group.predicted, 9);
    expect(group.previous).toBe(7);
    expect(group.trendPercent).toBeCloseTo((group.predicted / 7 - 1) * 100, 2);
  });

  it('is nothing for no products', () => {
    expect(summariseGroup([], window)).toMatchObject({ predicted: 0, previous: null, trendPercent: null, products: 0 });
  });
});
