import { describe, expect, it } from '@jest/globals';
import { createRng } from '../../engine/index.ts';
import { seriesFindings, type SeriesRows } from './series-findings.ts';

const DAYS = 120;

/** Poisson sales of a mean with a row a day at price 20. */
function series(mean: number, seed = 1): { days: number[]; quantity: number[]; price: number[] } {
  const rng = createRng(seed);
  const quantity = Array.from({ length: DAYS }, () => {
    const limit = Math.exp(-mean);
    let units = 0;
    for (let left = rng(); left > limit; left *= rng()) units++;
    return units;
  });
  return { days: Array.from(quantity, (_, day) => 19_000 + day), quantity, price: quantity.map(() => 20) };
}

const without = (rows: SeriesRows, isGone: (day: number) => boolean): SeriesRows => {
  const kept = rows.days.flatMap((day, i) => (isGone(day - 19_000) ? [] : [i]));
  return {
    days: kept.map((i) => rows.days[i]),
    quantity: kept.map((i) => rows.quantity[i]),
    price: kept.map((i) => rows.price[i]),
  };
};
const kinds = (rows: SeriesRows) => seriesFindings(rows).map(({ kind, day, count }) => [kind, day - 19_000, count]);

describe('seriesFindings', () => {
  it('finds nothing in ordinary sales, fast, slow, weekly and with days off', () => {
    for (let seed = 0; seed < 60; seed++)
      for (const mean of [0.05, 0.4, 3, 30]) expect(kinds(series(mean, seed))).toEqual([]);
    const weekly = series(10);
    weekly.quantity.forEach((units, i) => (weekly.quantity[i] = units * (i % 7 < 2 ? 3 : 1)));
    expect(kinds(weekly)).toEqual([]);
    expect(kinds(without(series(10), (day) => day % 7 === 6))).toEqual([]);
    expect(kinds(without(series(0.3), (day) => series(0.3).quantity[day] === 0))).toEqual([]);
  });

  it('finds days missing of a series that has all others', () => {
    expect(kinds(without(series(5), (day) => day >= 60 && day < 64))).toEqual([['gap', 60, 4]]);
  });

  it('finds a single day far too high', () => {
    const rows = series(5);
    rows.quantity[70] = 400;
    expect(kinds(rows)).toEqual([['outlier', 70, 1]]);
  });

  it('finds pieces turned into packs, packs into pieces, and rupees into paise', () => {
    const packs = series(40);
    packs.quantity.forEach((units, i) => (packs.quantity[i] = i < 80 ? units : units / 12));
    expect(kinds(packs)).toEqual([['unit_change', 80, 1]]);
    const pieces = series(40);
    pieces.quantity.forEach((units, i) => (pieces.quantity[i] = i < 50 ? units : units * 24));
    expect(kinds(pieces)).toEqual([['unit_change', 50, 1]]);
    const paise = series(4);
    paise.price.forEach((_, i) => (paise.price[i] = i < 90 ? 20 : 2000));
    expect(kinds(paise)).toEqual([['price_unit_change', 90, 1]]);
  });

  it('does not take a growing product for another unit', () => {
    const growing = series(40);
    growing.quantity.forEach((units, i) => (growing.quantity[i] = units * Math.exp(i / 40)));
    expect(kinds(growing)).toEqual([]);
  });
});
