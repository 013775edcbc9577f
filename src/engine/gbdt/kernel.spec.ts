import { describe, expect, it } from '@jest/globals';
import { createRng } from '../rng.ts';
import { binFeatures, findBorders } from './binning.ts';
import { addColumns, addColumnsWithHessian, addRows, addRowsWithHessian, partitionRows } from './kernel.ts';
import { quantileInPlace, weightedQuantile } from './quantile-select.ts';

const rng = createRng(3);
const rowCount = 500;
const columns = Array.from({ length: 6 }, (_, f) =>
  Float32Array.from({ length: rowCount }, () => (f === 2 && rng() < 0.2 ? NaN : Math.floor(rng() * (f + 2)))),
);
const matrix = binFeatures({ names: ['a', 'b', 'c', 'd', 'e', 'f'], columns, rowCount }, 16);
const packed = Float64Array.from({ length: rowCount }, () => Math.floor(rng() * 2000 - 1000) * 1024 + 1);
const hessian = Float64Array.from({ length: rowCount }, () => Math.floor(rng() * 1000));
const rows = Int32Array.from({ length: 200 }, (_, i) => i * 2 + 1);
const fillerSlot = matrix.slotStart[6];

/** Straight from the raw values, one cell at a time. */
function expected(features: readonly number[], amounts: Float64Array): Float64Array {
  const histogram = new Float64Array(fillerSlot);
  for (const row of rows) {
    for (const f of features) {
      const value = columns[f][row];
      const bin = Number.isNaN(value) ? 0 : 1 + matrix.borders[f].findIndex((border) => value <= border);
      histogram[matrix.slotStart[f] + bin] += amounts[row];
    }
  }
  return histogram;
}

describe('histogram kernels', () => {
  it('sum every column of the chosen rows', () => {
    const all = [0, 1, 2, 3, 4, 5];
    const one = new Float64Array(fillerSlot + 1);
    addRows(one, matrix.slots, matrix.stride, rows, 0, rows.length, packed);
    expect(one.subarray(0, fillerSlot)).toEqual(expected(all, packed));
    const two = new Float64Array(2 * (fillerSlot + 1));
    addRowsWithHessian(two, matrix.slots, matrix.stride, rows, 0, rows.length, packed, hessian);
    expect(two.filter((_, i) => i % 2 === 0).subarray(0, fillerSlot)).toEqual(expected(all, packed));
    expect(two.filter((_, i) => i % 2 === 1).subarray(0, fillerSlot)).toEqual(expected(all, hessian));
  });

  it('sum some columns only', () => {
    const chosen = Int32Array.of(1, 4, 6, 6);
    const one = new Float64Array(fillerSlot + 1);
    addColumns(one, matrix.slots, matrix.stride, chosen, rows, 0, rows.length, packed);
    expect(one.subarray(0, fillerSlot)).toEqual(expected([1, 4], packed));
    const two = new Float64Array(2 * (fillerSlot + 1));
    addColumnsWithHessian(two, matrix.slots, matrix.stride, chosen, rows, 0, rows.length, packed, hessian);
    expect(two.filter((_, i) => i % 2 === 1).subarray(0, fillerSlot)).toEqual(expected([1, 4], hessian));
  });
});

describe('partitionRows', () => {
  it.each([true, false])('keeps the order on both sides, missing values left: %p', (missingLeft) => {
    const bins = matrix.columnMajor.subarray(2 * rowCount, 3 * rowCount);
    const order = rows.slice();
    const middle = partitionRows(order, 10, 150, bins, 2, missingLeft, new Int32Array(rowCount));
    const goesLeft = (row: number): boolean => (bins[row] === 0 ? missingLeft : bins[row] <= 2);
    const inside = Array.from(rows.subarray(10, 150));
    expect(Array.from(order.subarray(10, middle))).toEqual(inside.filter((row) => goesLeft(row)));
    expect(Array.from(order.subarray(middle, 150))).toEqual(inside.filter((row) => !goesLeft(row)));
    expect(order.subarray(0, 10)).toEqual(rows.subarray(0, 10));
    expect(order.subarray(150)).toEqual(rows.subarray(150));
  });
});

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

describe('quantile selection', () => {
  it.each([0.1, 0.5, 0.9, 0.99])('agrees with sorting at %p', (quantile) => {
    const values = Float64Array.from({ length: 1000 }, () => Math.floor(rng() * 50));
    const sorted = values.slice().sort();
    const wanted = sorted[Math.round(quantile * 1000) - 1];
    expect(weightedQuantile(values, new Float64Array(1000).fill(2), 1000, quantile)).toBe(wanted);
    expect(quantileInPlace(values, 1000, quantile)).toBe(wanted);
  });

  it('counts a value as often as its weight says', () => {
    expect(weightedQuantile(Float64Array.of(3, 1, 2), Float64Array.of(1, 8, 1), 3, 0.8)).toBe(1);
    expect(weightedQuantile(Float64Array.of(3, 1, 2), Float64Array.of(1, 8, 1), 3, 0.85)).toBe(2);
  });
});
