import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { encodeColumn, findBorders } from './binning.ts';

const rng = createRng(5);

describe('findBorders', () => {
  it('gives each of few distinct values its own bin', () => {
    expect(Array.from(findBorders(Float32Array.of(1, 1, 2, 2, 2, 4), 255)).slice(0, 2)).toEqual([1.5, 3]);
  });

  it('shares many values out evenly and leaves a frequent one alone', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i < 500 ? 0 : i));
    const borders = findBorders(values, 11);
    expect(borders.length).toBe(11);
    expect(borders[0]).toBe(250);
    for (let i = 1; i < 10; i++) expect(Math.abs(borders[i] - (500 + 50 * i))).toBeLessThan(3);
  });
});

describe('encodeColumn', () => {
  it.each([
    ['even', () => rng()],
    ['skewed', () => Math.exp(40 * rng())],
    ['counts', () => Math.floor(rng() * 9)],
    ['huge', () => (rng() - 0.5) * 6e38],
    ['tiny', () => rng() * 1e-44],
    ['constant', () => 3],
  ])('puts every value of %s ones below the first border that is not smaller', (_, entry) => {
    const values = Float32Array.from({ length: 5000 }, entry);
    const borders = findBorders(values.slice(0, 4000).sort(), 200);
    const column = Float32Array.from([...values, ...borders, NaN, Infinity, -Infinity, -3e38, 3e38, 0]);
    const bins = new Uint8Array(column.length);
    encodeColumn(column, { borders, categories: null, count: borders.length }, bins);
    column.forEach((value, row) => {
      const bin = Number.isFinite(value) ? borders.findIndex((border) => value <= border) + 1 : 0;
      expect(bins[row]).toBe(bin);
    });
  });
});
