import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '../errors.ts';
import * as stock from './index.ts';
import type { OrderRequest } from './index.ts';

describe('normal distribution', () => {
  it.each([
    [0.9, 1.2815515655446004],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [1e-10, -6.361340902404056],
  ])('quantile of %p', (p, z) => {
    expect(stock.normalQuantile(p)).toBeCloseTo(z, 9);
    expect(stock.normalCdf(z) / p).toBeCloseTo(1, 9);
  });

  it('has the unit loss of the tables', () => {
    expect(stock.normalLoss(0)).toBeCloseTo(0.3989422804, 9);
    expect(stock.normalLoss(1)).toBeCloseTo(0.0833154706, 9);
  });

  it('refuses what is no probability', () => {
    expect(() => stock.normalQuantile(1)).toThrow(InvalidInputError);
  });
});

describe('stock formulae on worked examples', () => {
  it('safety stock and reorder point with an uncertain lead time', () => {
    const sd = stock.leadTimeDemandSd(100, 22, 12, 3);
    expect(sd).toBeCloseTo(309.52867, 5);
    expect(stock.safetyStock(0.95, sd)).toBeCloseTo(509.12936, 4);
    expect(stock.reorderPoint(100, 12, stock.safetyStock(0.95, sd))).toBeCloseTo(1709.12936, 4);
    const second = stock.leadTimeDemandSd(50, 5, 6, 2);
    expect(second).toBeCloseTo(100.74721, 5);
    expect(stock.reorderPoint(50, 6, stock.safetyStock(0.9, second))).toBeCloseTo(429.11274, 4);
  });

  it('newsvendor quantity and cost', () => {
    const { quantity, expectedCost } = stock.newsvendor(120, 10, 18, 2);
    expect(quantity).toBeCloseTo(132.815515655446, 8);
    expect(expectedCost).toBeCloseTo(35.09966638649737, 8);
  });

  it('economic order quantity, fill rate and packs', () => {
    expect(stock.economicOrderQuantity(1200, 50, 2)).toBeCloseTo(244.94897, 5);
    expect(stock.fillRate(0, 10, 100)).toBeCloseTo(1 - 0.039894228, 8);
    expect(stock.orderUpToQuantity(50, 31, 6, 0)).toBe(24);
    expect(stock.orderUpToQuantity(50, 49, 6, 20)).toBe(24);
    expect(stock.orderUpToQuantity(50, 50, 6, 20)).toBe(0);
  });

  it('classes by value and by steadiness', () => {
    expect(stock.abcClasses([5, 80, 0, 12, 3])).toEqual(['B', 'A', 'C', 'B', 'C']);
    expect([0.5, 0.9, 1.1].map((sd) => stock.xyzClass(1, sd))).toEqual(['X', 'Y', 'Z']);
    expect(stock.xyzClass(0, 0)).toBe('Z');
  });
});

describe('demandDistribution', () => {
  it('gives the negative binomial sum of a week a lower P90 than seven daily P90s', () => {
    const day = stock.demandDistribution(5, 15);
    const week = stock.demandDistribution(35, 105);
    expect(day.kind).toBe('negative-binomial');
    expect([7 * day.quantile(0.9), week.quantile(0.9)]).toEqual([70, 49]);
    expect([7 * day.quantile(0.95), week.quantile(0.95)]).toEqual([84, 53]);
    // Simulations put the P90 at 48 or 49: the chance of 48 or less is 90 % to within their noise.
    expect(week.cdf(48)).toBeCloseTo(0.9, 2);
    expect(week.cdf(70)).toBeCloseTo(0.998, 3);
  });

  it.each([
    [3, 3, 'poisson'],
    [3, 12, 'negative-binomial'],
    [1500, 9000, 'negative-binomial'],
    [20, 5, 'gamma'],
    [80_000, 4e8, 'gamma'],
  ])('mean %p, variance %p: %p with consistent functions', (mean, variance, kind) => {
    const d = stock.demandDistribution(mean, variance);
    expect(d.kind).toBe(kind);
    for (const p of [0.05, 0.5, 0.95, 0.999]) {
      const x = d.quantile(p);
      expect(d.cdf(x)).toBeGreaterThanOrEqual(p - 1e-9);
      expect(d.cdf(x - Math.max(1e-3 * x, kind === 'gamma' ? 0 : 1))).toBeLessThan(p);
    }
    expect(d.expectedShortfall(0)).toBeCloseTo(mean, 6);
    // The shortfall falls by P(D > x) for each further unit.
    const [x, step] = kind === 'gamma' ? [mean, mean * 1e-4] : [Math.round(mean), 1];
    const slope = (d.expectedShortfall(x) - d.expectedShortfall(x + step)) / step;
    expect(Math.abs(slope - (1 - d.cdf(x)))).toBeLessThan(1e-3);
  });

  it('is a point without variance and refuses impossible moments', () => {
    expect(stock.demandDistribution(4, 0).quantile(0.99)).toBe(4);
    expect(stock.demandDistribution(0, 0).expectedShortfall(0)).toBe(0);
    expect(() => stock.demandDistribution(-1, 1)).toThrow(/mean/);
    expect(() => stock.demandDistribution(1, NaN)).toThrow(/variance/);
  });
});

describe('recommendOrder', () => {
  const request: OrderRequest = {
    onHand: 10,
    onOrder: 5,
    dailyMean: new Float32Array(28).fill(5),
    dailyVariance: new Float32Array(28).fill(15),
    leadTimeDays: 5,
    reviewDays: 2,
    serviceLevel: 0.9,
  };

  it('orders up to the quantile of summed demand', () => {
    const advice = stock.recommendOrder(request);
    expect(advice.leadTimeDemandMean).toBe(35);
    expect(advice.reorderPoint).toBe(49);
    expect(advice.safetyStock).toBe(14);
    expect(advice.recommendedQuantity).toBe(34);
    expect(advice.stockoutProbability).toBeLessThanOrEqual(0.1);
    expect(advice.expectedWaste).toBe(0);
    expect(advice.reason).toContain('order 34');
  });

  it('rounds to packs and the minimum, and subtracts backorders', () => {
    const advice = stock.recommendOrder({ ...request, packSize: 12, backorders: 4 });
    expect(advice.recommendedQuantity).toBe(48);
    expect(advice.reason).toContain('4 packs of 12');
    expect(stock.recommendOrder({ ...request, minOrderQuantity: 100 }).recommendedQuantity).toBe(100);
  });

  it('orders nothing when the position suffices', () => {
    const advice = stock.recommendOrder({ ...request, onHand: 44 });
    expect(advice.recommendedQuantity).toBe(0);
    expect(advice.reason).toContain('no order is needed');
  });

  it('needs more for an uncertain lead time and for errors that hang together', () => {
    const plain = stock.recommendOrder(request).reorderPoint;
    expect(stock.recommendOrder({ ...request, leadTimeStdDays: 2 }).reorderPoint).toBeGreaterThan(plain);
    expect(stock.recommendOrder({ ...request, sumInflation: [1, 1.3, 1.6] }).reorderPoint).toBeGreaterThan(plain);
    const week = [1, 1, 1, 1, 1, 1, 1.6, 9];
    expect(stock.recommendOrder({ ...request, sumInflation: week }).reorderPoint).toBe(
      stock.demandDistribution(35, 7 * 15 * 1.6).quantile(0.9),
    );
  });

  it('holds an order down to what sells within the shelf life and states the waste', () => {
    const long = stock.recommendOrder({ ...request, shelfLifeDays: 20 });
    const short = stock.recommendOrder({ ...request, shelfLifeDays: 2 });
    expect(long.recommendedQuantity).toBe(34);
    expect(long.expectedWaste).toBeLessThan(0.01);
    expect(short.orderUpTo).toBeLessThan(49);
    expect(short.recommendedQuantity).toBeLessThan(34);
    expect(short.expectedWaste).toBeGreaterThan(1);
    expect(short.reason).toContain('shelf life of 2 days');
  });

  it('leaves a big pack on the supplier’s shelf when it would mostly expire', () => {
    const slow = {
      ...request,
      onHand: 0,
      onOrder: 0,
      dailyMean: [0.05],
      dailyVariance: [0.06],
      packSize: 24,
      shelfLifeDays: 4,
    };
    const advice = stock.recommendOrder(slow);
    expect(advice.recommendedQuantity).toBe(0);
    expect(advice.stockoutProbability).toBeGreaterThan(0.1);
  });

  it('repeats the last week beyond the forecast and counts parts of days', () => {
    const ramp = { ...request, dailyMean: [1, 2, 3], dailyVariance: [0, 0, 0], leadTimeDays: 4.5, reviewDays: 0 };
    expect(stock.recommendOrder(ramp).leadTimeDemandMean).toBe(9);
  });

  it.each([
    [{ serviceLevel: 1 }, /serviceLevel/],
    [{ packSize: 0 }, /packSize/],
    [{ dailyMean: [] }, /dailyMean/],
    [{ dailyVariance: [1] }, /dailyVariance/],
    [{ sumInflation: [1, NaN] }, /sumInflation\[1\]/],
    [{ leadTimeDays: NaN }, /leadTimeDays/],
    [{ dailyMean: [-1], dailyVariance: [1] }, /dailyMean\[0\]/],
  ])('refuses %j', (change, message) => {
    expect(() => stock.recommendOrder({ ...request, ...change })).toThrow(message);
  });
});
