import { describe, expect, it } from '@jest/globals';
import { demandDistribution } from '../engine/index.ts';
import type { DailyForecast } from '../forecasts/index.ts';
import type { CatalogueProduct } from '../products/index.ts';
import { dayOf } from '../signals/index.ts';
import { recommendSeries } from './recommend-series.ts';
import { unknownStock } from './stock.service.ts';
import type { StockLevel } from './stock.types.ts';

const startDay = dayOf('2016-05-23');
const days = (value: number, count = 28) => new Float32Array(count).fill(value);

const forecast: DailyForecast = {
  product: 1,
  location: 2,
  dataSufficiency: 'full',
  segment: 'smooth',
  dispersion: 3,
  run: {
    id: 1,
    runId: 'r',
    modelVersion: 'm',
    businessDate: '2016-05-22',
    horizonDays: 28,
    generatedAt: new Date(0),
    levels: [],
    sumInflation: [1, 1, 1, 1, 1, 1, 1],
  },
  startDay,
  mean: days(5),
  p10: days(0),
  p50: days(4),
  p90: days(10),
  quantiles: [],
};

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

const stated = (onHand: number, change: Partial<StockLevel> = {}): StockLevel => ({
  ...unknownStock(1, 2),
  source: 'stated',
  onHand,
  ...change,
});

describe('recommendSeries', () => {
  it('orders up to the P90 of a negative binomial week with mean 35 and variance 105', () => {
    const advice = recommendSeries(forecast, product, stated(10, { onOrder: 5 }), startDay);
    expect(advice).toMatchObject({
      leadTimeDemandMean: 35,
      reorderPoint: 49,
      safetyStock: 14,
      recommendedQuantity: 34,
    });
    expect(advice.stockoutProbability).toBeLessThanOrEqual(0.1);
  });

  it('takes the growth of the variance of sums from the run', () => {
    const run = { ...forecast.run, sumInflation: [1, 1, 1, 1, 1, 1, 2] };
    expect(recommendSeries({ ...forecast, run }, product, stated(0), startDay).reorderPoint).toBe(
      demandDistribution(35, 210).quantile(0.9),
    );
  });

  it('adds the variance of an uncertain lead time', () => {
    const uncertain = { ...product, leadTimeStdDays: 2 };
    expect(recommendSeries(forecast, uncertain, stated(0), startDay).reorderPoint).toBe(
      demandDistribution(35, 105 + 25 * 4).quantile(0.9),
    );
  });

  it('counts an unknown stock as nothing and says so', () => {
    const advice = recommendSeries(forecast, product, undefined, startDay);
    expect(advice).toMatchObject({ onHand: 0, onOrder: 0, recommendedQuantity: 49 });
    expect(advice.reason).toContain('not known');
    expect(recommendSeries(forecast, product, stated(0), startDay).reason).not.toContain('not known');
  });

  it('goes on with the mean of the last week beyond the forecast and says so', () => {
    const short = { ...forecast, mean: days(5, 4) };
    const advice = recommendSeries(short, product, stated(0), startDay);
    expect(advice.leadTimeDemandMean).toBe(35);
    expect(advice.reason).toContain('later days repeat the mean of its last 4 days');
    expect(recommendSeries(forecast, product, stated(0), startDay).reason).not.toContain('later days');
  });

  it('leaves out days that have passed', () => {
    const mean = Float32Array.from({ length: 28 }, (_, day) => (day < 7 ? 100 : 5));
    expect(recommendSeries({ ...forecast, mean }, product, stated(0), startDay + 7).leadTimeDemandMean).toBe(35);
    const late = recommendSeries({ ...forecast, mean }, product, stated(0), startDay + 300);
    expect(late.leadTimeDemandMean).toBe(35);
    expect(late.reason).toContain('later days');
  });

  it('does not count on lots that expire before they sell', () => {
    const lots = [{ quantity: 30, expires_on: '2016-05-24' }];
    const advice = recommendSeries(forecast, product, stated(40, { lots }), startDay);
    expect(advice.expectedWaste).toBe(20);
    expect(advice.onHand).toBe(40);
    expect(advice.recommendedQuantity).toBe(49 - 20);
    expect(advice.reason).toContain('20 of the stock on hand');
  });
});
