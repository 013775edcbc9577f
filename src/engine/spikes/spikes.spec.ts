import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { findSpikes, SpikeCandidate, spikeDistance } from './spikes.ts';

const DAY = 20_000;
const row = (fields: Partial<SpikeCandidate>): SpikeCandidate => ({
  product: 1,
  location: 1,
  day: DAY,
  actual: 40,
  mean: 10,
  p50: 10,
  p90: 14,
  promoted: false,
  ...fields,
});
const at = (locations: readonly number[], fields: Partial<SpikeCandidate> = {}) =>
  locations.map((location) => row({ location, ...fields }));
const places = (count: number) => ({ places: new Map([[1, count]]) });

describe('a spike', () => {
  it('is a product far above at many of its places at once', () => {
    expect(findSpikes(at([1, 2, 3]), DAY, places(5))).toEqual([
      { product: 1, places: 3, placesInAll: 5, days: 1, sold: 120, expected: 30 },
    ]);
    expect(findSpikes(at([1, 2]), DAY, places(5))).toEqual([]);
    expect(findSpikes(at([1, 2, 3]), DAY, places(20))).toEqual([]);
  });

  it('or one place for the second day, but not for one', () => {
    expect(findSpikes([row({}), row({ day: DAY - 1 })], DAY, places(20))).toMatchObject([{ places: 1, days: 2 }]);
    expect(findSpikes([row({})], DAY, places(20))).toEqual([]);
    expect(findSpikes([row({}), row({ day: DAY - 1, location: 2 })], DAY, places(20))).toEqual([]);
    expect(findSpikes([row({ day: DAY - 1 }), row({ day: DAY - 2 })], DAY, places(20))).toEqual([]);
  });

  it('is nothing that a promotion explains, nor a few units', () => {
    expect(findSpikes(at([1, 2, 3], { promoted: true }), DAY, places(3))).toEqual([]);
    const rare = { mean: 0.1, p50: 0, p90: 0, actual: 2 };
    expect(spikeDistance(row(rare))).toBe(4);
    expect(findSpikes([row(rare), row({ ...rare, day: DAY - 1 })], DAY, places(1))).toEqual([]);
  });

  it('is no day on which everything sells', () => {
    const all = Array.from({ length: 10 }, (_, product) => at([1, 2, 3], { product })).flat();
    const scope = { places: new Map(Array.from({ length: 10 }, (_, product) => [product, 3])) };
    expect(findSpikes(all, DAY, scope)).toEqual([]);
    const two = all.filter(({ product }) => product < 2);
    expect(findSpikes(two, DAY, scope).map(({ product }) => product)).toEqual([0, 1]);
  });
});

describe('on simulated demand', () => {
  const rng = createRng(11);
  const MEANS = [0.3, 1, 3, 10, 30];
  const PLACES = 5;

  function poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = rng(); product > limit; product *= rng()) count++;
    return count;
  }
  /** Counts whose rate varies from day to day, so that their variance is a multiple of the mean. */
  const draw = (mean: number) => poisson(mean * (0.6 + 0.8 * rng()));

  /** A product's row of a day; the forecast is that of the demand without a spike. */
  function sampled(product: number, location: number, day: number, factor: number): SpikeCandidate {
    const mean = MEANS[product % MEANS.length];
    const sd = Math.sqrt(mean + 0.053 * mean * mean);
    const p50 = Math.floor(mean);
    return row({ product, location, day, mean, p50, p90: p50 + 1.2816 * sd, actual: draw(mean * factor) });
  }

  function found(products: number, factor: (product: number) => number): Set<number> {
    const rows: SpikeCandidate[] = [];
    for (let product = 0; product < products; product++)
      for (let location = 0; location < PLACES; location++)
        for (const day of [DAY - 1, DAY]) rows.push(sampled(product, location, day, factor(product)));
    const scope = { places: new Map(Array.from({ length: products }, (_, product) => [product, PLACES])) };
    return new Set(
      findSpikes(
        rows.filter(({ actual, p90 }) => actual > p90),
        DAY,
        scope,
      ).map(({ product }) => product),
    );
  }

  it('finds hardly anything on ordinary days', () => {
    let count = 0;
    for (let day = 0; day < 60; day++) count += found(200, () => 1).size;
    expect(count).toBeLessThanOrEqual(2);
  });

  it('finds most products that sell three times as much everywhere', () => {
    let hits = 0;
    let spikes = 0;
    for (let day = 0; day < 40; day++) {
      // One in twenty goes viral, of those that sell enough for anybody to tell.
      const viral = (product: number) => product % 20 === 3;
      const all = found(200, (product) => (viral(product) ? 3 : 1));
      hits += [...all].filter(viral).length;
      spikes += 10;
    }
    expect(hits / spikes).toBeGreaterThan(0.95);
  });
});
