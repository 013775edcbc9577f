import { describe, expect, it } from '@jest/globals';
import { normalQuantile } from '../replenishment/normal.ts';
import { createRng } from '../rng.ts';
import { aggregateQuantiles, fitAggregateSpread, nodeSpread, SPREAD_WINDOWS } from './aggregate.ts';

const window = SPREAD_WINDOWS.daily;
const LENGTH = 600;

/** Totals around 1000 with a weekday profile and lognormal noise of the given size. */
function totals(nodes: number, noise: number, seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from(
    { length: nodes * LENGTH },
    (_, i) => (1000 + 100 * ((i % LENGTH) % 7)) * Math.exp(noise * normalQuantile(rng() * 0.9999 + 0.00005)),
  );
}

describe('spread of totals', () => {
  it('is the noise around the weekday mean, whatever the level and the weekday profile', () => {
    for (const noise of [0.05, 0.2]) {
      const [spread] = nodeSpread(totals(1, noise, 1), LENGTH, window);
      // The mean of eight weeks is itself uncertain; clipping takes a little off.
      expect(spread / noise).toBeGreaterThan(0.85);
      expect(spread / noise).toBeLessThan(1.15);
    }
  });

  it('hardly minds closed days', () => {
    const usual = totals(1, 0.1, 2);
    const closed = usual.map((value, t) => (t === 350 ? 0 : t === 400 ? 1 : value));
    expect(nodeSpread(closed, LENGTH, window)[0] / nodeSpread(usual, LENGTH, window)[0]).toBeLessThan(1.1);
  });

  it('is borrowed from the level where the history is short, and assumed where there is none', () => {
    const three = new Float64Array(3 * LENGTH);
    three.set(totals(2, 0.1, 3));
    three[3 * LENGTH - 1] = 50;
    const spread = nodeSpread(three, LENGTH, window);
    expect(spread[2]).toBe(Math.max(spread[0], spread[1]));
    expect(nodeSpread(new Float64Array(20), 20, window)[0]).toBe(0.5);
  });

  it('is scaled to what the forecasts really missed', () => {
    const rng = createRng(4);
    const mean = new Float64Array(10 * 28).fill(500);
    const spread = new Float64Array(10).fill(0.1);
    const z = () => normalQuantile(rng() * 0.9999 + 0.00005);
    const actual = mean.map((value) => value * Math.exp(0.3 * z()));
    const factor = fitAggregateSpread([{ mean, actual, spread }]);
    expect(factor).toBeGreaterThan(2.5);
    expect(factor).toBeLessThan(3.3);
    expect(fitAggregateSpread([])).toBe(1);
    const levels = [0.1, 0.25, 0.75, 0.9];
    const [p10, p25, p75, p90] = aggregateQuantiles(mean, spread, factor, levels);
    const later = mean.map((value) => value * Math.exp(0.3 * z()));
    const share = (low: Float32Array, high: Float32Array) =>
      later.filter((value, i) => value >= low[i] && value <= high[i]).length / later.length;
    expect(Math.abs(share(p10, p90) - 0.8)).toBeLessThan(0.08);
    expect(Math.abs(share(p25, p75) - 0.5)).toBeLessThan(0.08);
  });

  it('is lognormal around the mean', () => {
    const levels = Array.from({ length: 999 }, (_, k) => (k + 1) / 1000);
    const quantiles = aggregateQuantiles([100, 0], [0.2], 1.5, levels);
    const average = quantiles.reduce((sum, [value]) => sum + value, 0) / levels.length;
    expect(average).toBeGreaterThan(99);
    expect(average).toBeLessThan(100.5);
    expect(quantiles.every((level) => level[1] === 0)).toBe(true);
  });
});
