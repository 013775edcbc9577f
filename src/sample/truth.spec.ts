import { beforeAll, describe, expect, it } from '@jest/globals';
import { generateSample } from './generate.ts';
import type { Sample } from './types.ts';

let sample: Sample;
let days: number;
let cells: number[];
beforeAll(() => {
  sample = generateSample({ seed: 11, locations: 4 });
  days = sample.dates.length;
  cells = [];
  sample.firstDay.forEach((first, series) => {
    for (let day = first; day < sample.endDay[series]; day++) cells.push(series * days + day);
  });
});

describe('planted truth', () => {
  it('centres demand on the planted mean, with the planted spread', () => {
    const { expectedDemand, unconstrainedDemand, dispersionShape, dayShock } = sample.truth;
    let units = 0;
    let mean = 0;
    let squares = 0;
    let variance = 0;
    for (const cell of cells) {
      const series = Math.floor(cell / days);
      const product = series % sample.products.length;
      const location = (series - product) / sample.products.length;
      const shocked = expectedDemand[cell] * dayShock[location * days + (cell % days)];
      units += unconstrainedDemand[cell];
      mean += expectedDemand[cell];
      squares += (unconstrainedDemand[cell] - shocked) ** 2;
      variance += shocked + shocked ** 2 / dispersionShape[product];
    }
    expect(Math.abs(units / mean - 1)).toBeLessThan(0.01);
    expect(Math.abs(squares / variance - 1)).toBeLessThan(0.02);
  });

  it('sells what was asked for or what was there, and balances the stock', () => {
    const { quantitySold: sold, onHand } = sample;
    const { unconstrainedDemand: demand, received, wasted } = sample.truth;
    let violations = 0;
    for (const cell of cells) {
      const first = cell % days === sample.firstDay[Math.floor(cell / days)];
      const available = (first ? 0 : onHand[cell - 1]) + received[cell] - wasted[cell];
      if (sold[cell] !== Math.min(available, demand[cell]) || onHand[cell] !== available - sold[cell]) violations++;
    }
    expect(violations).toBe(0);
  });

  it('runs out of stock on 3 to 6 % of the days on sale, and loses sales by it', () => {
    const { stockout, unconstrainedDemand: demand } = sample.truth;
    let out = 0;
    let lostWhenOut = 0;
    let lostOtherwise = 0;
    let total = 0;
    for (const cell of cells) {
      const lost = demand[cell] - sample.quantitySold[cell];
      total += demand[cell];
      out += stockout[cell];
      if (stockout[cell]) lostWhenOut += lost;
      else lostOtherwise += lost;
      if (stockout[cell] !== (sample.onHand[cell] === 0 ? 1 : 0)) throw new Error(`mask and stock differ at ${cell}`);
    }
    expect(out / cells.length).toBeGreaterThan(0.03);
    expect(out / cells.length).toBeLessThan(0.06);
    expect(lostOtherwise).toBe(0);
    expect(lostWhenOut / total).toBeGreaterThan(0.01);
    expect(lostWhenOut / total).toBeLessThan(0.06);
  });

  it('throws away only what can spoil', () => {
    let spoiled = 0;
    for (const cell of cells) {
      const units = sample.truth.wasted[cell];
      spoiled += units;
      const product = sample.products[Math.floor(cell / days) % sample.products.length];
      if (units > 0 && product.shelf_life_days > 60) throw new Error(`${product.sku} cannot spoil`);
    }
    expect(spoiled).toBeGreaterThan(0);
  });

  it('can be forecast: the planted mean beats the last week repeated by a fifth and more over the last 30 days', () => {
    let planted = 0;
    let repeated = 0;
    for (const cell of cells) {
      const ahead = (cell % days) - (days - 30);
      if (ahead < 0 || sample.firstDay[Math.floor(cell / days)] > days - 44) continue;
      planted += Math.abs(sample.quantitySold[cell] - sample.truth.expectedDemand[cell]);
      repeated += Math.abs(sample.quantitySold[cell] - sample.quantitySold[cell - 7 * (Math.floor(ahead / 7) + 1)]);
    }
    expect(planted / repeated).toBeLessThan(0.8);
  });

  it('explains most of the variance of fast sellers, series by series', () => {
    const { expectedDemand: mean, unconstrainedDemand: demand } = sample.truth;
    const explained: number[] = [];
    for (let series = 0; series < sample.firstDay.length; series++) {
      if (sample.firstDay[series] > 0 || sample.endDay[series] < days) continue;
      const own = demand.subarray(series * days, (series + 1) * days);
      const average = own.reduce((sum, units) => sum + units, 0) / days;
      if (average < 8) continue;
      const residual = own.reduce((sum, units, day) => sum + (units - mean[series * days + day]) ** 2, 0);
      explained.push(1 - residual / own.reduce((sum, units) => sum + (units - average) ** 2, 0));
    }
    explained.sort((a, b) => a - b);
    expect(explained.length).toBeGreaterThan(20);
    expect(explained[Math.floor(explained.length / 2)]).toBeGreaterThan(0.5);
  });
});
