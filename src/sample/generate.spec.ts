import { beforeAll, describe, expect, it } from '@jest/globals';
import { epochDay, weekday } from './calendar.ts';
import { generateSample } from './generate.ts';
import { SAMPLE_CATEGORIES } from './profiles.ts';
import type { Sample } from './types.ts';

let sample: Sample;
let days: number;
let productCount: number;
beforeAll(() => {
  sample = generateSample({ seed: 7, products: 56 });
  days = sample.dates.length;
  productCount = sample.products.length;
});

/** Calls back for every cell on sale. */
function eachCell(visit: (cell: number, day: number, product: number, location: number) => void): void {
  sample.firstDay.forEach((first, series) => {
    const product = series % productCount;
    for (let day = first; day < sample.endDay[series]; day++) {
      visit(series * days + day, day, product, (series - product) / productCount);
    }
  });
}

describe('generateSample', () => {
  it('covers three years that end just before Dussehra and Diwali', () => {
    expect(sample.label).toBe('simulated');
    expect([sample.dates[0], sample.dates[days - 1], days]).toEqual(['2022-10-01', '2025-09-30', 1096]);
    expect([productCount, sample.locations.length]).toEqual([56, 10]);
    expect(sample.quantitySold).toHaveLength(56 * 10 * 1096);
  });

  it('shows the planted weekday factors in the sales of every category', () => {
    const firstWeekday = weekday(epochDay(sample.dates[0]));
    for (const category of SAMPLE_CATEGORIES) {
      const totals = new Float64Array(7);
      eachCell((cell, day, product) => {
        if (sample.products[product].category !== category) return;
        totals[(firstWeekday + day) % 7] += sample.quantitySold[cell];
      });
      const mean = totals.reduce((sum, x) => sum + x, 0) / 7;
      sample.truth.weekdayFactors[category].forEach((factor, d) => {
        expect(Math.abs(totals[d] / mean - factor)).toBeLessThan(0.07);
      });
    }
  });

  it('lifts demand on promotion by what elasticity and promotion lift say', () => {
    const { truth, price, promotion } = sample;
    let sales = 0;
    let salesBefore = 0;
    let demand = 0;
    let predicted = 0;
    eachCell((cell, day, p) => {
      const today = p * days + day;
      if (day < sample.firstDay[p] + 60 || !promotion[today] || promotion[today - 7]) return;
      const response = Math.pow(price[today] / price[today - 7], truth.priceElasticity[p]) * truth.promotionLift[p];
      sales += sample.quantitySold[cell];
      salesBefore += sample.quantitySold[cell - 7];
      demand += truth.unconstrainedDemand[cell];
      predicted += truth.unconstrainedDemand[cell - 7] * response;
    });
    expect(sales / salesBefore).toBeGreaterThan(1.3);
    expect(Math.abs(demand / predicted - 1)).toBeLessThan(0.06);
  });

  it('answers to the weekly price of fresh produce with the planted elasticity', () => {
    const { truth, price, promotion, products } = sample;
    let sxy = 0;
    let sxx = 0;
    let planted = 0;
    let count = 0;
    products.forEach(({ category }, p) => {
      if (category !== 'Fruit and Vegetables' || sample.firstDay[p] > 0 || sample.endDay[p] < days) return;
      const weekly = Array.from({ length: Math.floor(days / 7) }, (_, w) => {
        let units = 0;
        let promoted = false;
        for (let day = 7 * w; day < 7 * w + 7; day++) {
          promoted ||= promotion[p * days + day] === 1;
          // The tenth store opens halfway, so it stays out.
          for (let l = 0; l < 9; l++) units += truth.unconstrainedDemand[(l * productCount + p) * days + day];
        }
        return { units, promoted, price: price[p * days + 7 * w] };
      });
      if (weekly.some(({ units }) => units < 30)) return;
      planted += truth.priceElasticity[p];
      count++;
      for (let w = 1; w < weekly.length; w++) {
        if (weekly[w].promoted || weekly[w - 1].promoted) continue;
        const dx = Math.log(weekly[w].price / weekly[w - 1].price);
        sxy += dx * Math.log(weekly[w].units / weekly[w - 1].units);
        sxx += dx * dx;
      }
    });
    expect(count).toBeGreaterThan(4);
    expect(Math.abs(sxy / sxx - planted / count)).toBeLessThan(0.25);
  });

  it('lifts snacks at Diwali by about what was planted', () => {
    let festive = 0;
    let festiveSales = 0;
    let plain = 0;
    let plainSales = 0;
    for (const date of ['2022-10-24', '2023-11-12', '2024-10-31']) {
      const diwali = sample.dates.indexOf(date);
      eachCell((cell, day, product) => {
        if (day !== diwali || sample.products[product].category !== 'Snacks') return;
        const today = product * days + day;
        if (sample.promotion[today] || sample.promotion[today + 14]) return;
        festive += sample.truth.unconstrainedDemand[cell];
        festiveSales += sample.quantitySold[cell];
        plain += sample.truth.unconstrainedDemand[cell + 14];
        plainSales += sample.quantitySold[cell + 14];
      });
    }
    const lift = 1 + sample.truth.festivalLifts.Diwali.lift.snacks!;
    expect(festive / plain / lift).toBeGreaterThan(0.85);
    expect(festive / plain / lift).toBeLessThan(1.15);
    expect(festiveSales / plainSales).toBeGreaterThan(1.3);
  });

  it('moves orders from fresh produce to staples when it rains', () => {
    const months = sample.dates.map((date) => Number(date.slice(5, 7)));
    const mean = (category: string, wet: boolean) => {
      let units = 0;
      let count = 0;
      eachCell((cell, day, product, location) => {
        const rain = sample.rainfallMm[location * days + day];
        if (months[day] < 7 || months[day] > 8 || sample.products[product].category !== category) return;
        if (wet ? rain < 15 : rain > 0) return;
        units += sample.truth.unconstrainedDemand[cell];
        count++;
      });
      return units / count;
    };
    const staples = mean('Staples', true) / mean('Staples', false);
    const produce = mean('Fruit and Vegetables', true) / mean('Fruit and Vegetables', false);
    const { staples: dryStaples, produce: dryProduce } = sample.truth.profileTraits;
    expect(Math.abs(staples / produce / (dryStaples.rain / dryProduce.rain) - 1)).toBeLessThan(0.1);
  });

  it('has no sales, demand or stock before a launch or after an ending', () => {
    const { truth, quantitySold, onHand, firstDay, endDay } = sample;
    const partial = [...firstDay.keys()].filter((s) => firstDay[s] > 0 || endDay[s] < days);
    expect(partial.length).toBeGreaterThan(50);
    let units = 0;
    for (const series of partial) {
      for (let day = 0; day < days; day++) {
        if (day >= firstDay[series] && day < endDay[series]) continue;
        const cell = series * days + day;
        units += quantitySold[cell] + onHand[cell] + truth.unconstrainedDemand[cell] + truth.expectedDemand[cell];
      }
    }
    expect(units).toBe(0);
    const launched = firstDay.slice(0, productCount).filter((day) => day > 0);
    expect(launched.length).toBeGreaterThan(2);
    expect(firstDay[9 * productCount]).toBeGreaterThan(days / 2);
  });

  it('does not depend on how many products and stores are generated with a series', () => {
    const few = generateSample({ seed: 7, products: 5, locations: 2 });
    const series = productCount + 3;
    expect(few.quantitySold.slice(8 * days, 9 * days)).toEqual(
      sample.quantitySold.slice(series * days, (series + 1) * days),
    );
  });

  it('works for one product in one store on one day, and for another start', () => {
    const tiny = generateSample({ seed: 3, startDate: '2024-02-29', days: 1, products: 1, locations: 1 });
    expect(tiny.dates).toEqual(['2024-02-29']);
    expect(tiny.truth.expectedDemand[0]).toBeGreaterThan(0);
  });

  it.each([{ days: 0 }, { products: 121 }, { locations: 2.5 }, { startDate: '2024-02-30' }, { seed: 0.5 }])(
    'refuses %p and names the option',
    (options) => {
      expect(() => generateSample({ seed: 1, ...options })).toThrow(Object.keys(options)[0]);
    },
  );
});
