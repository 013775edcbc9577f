import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { observedDays } from '../series/availability.ts';
import { CARRY_OVER, carrySpikes } from './carry-over.ts';
import { pastShare } from './past-spikes.ts';

const [PRODUCTS, PLACES, DAYS] = [16, 3, 400];
/** Every product spikes once, on days of their own. */
const startOf = (product: number) => 100 + 15 * product;

/** Sales that triple now and then. @param left excess so many days after, as a share of that of the first day */
function panelWith(left: (age: number) => number, seed = 1) {
  return demandPanel({
    products: PRODUCTS,
    locations: PLACES,
    days: DAYS,
    seed,
    mean: (product, place, day) =>
      (4 + product) * (1 + place / 4) * (1 + (day >= startOf(product) ? 2 * left(day - startOf(product)) : 0)),
  });
}

const learned = (panel: ReturnType<typeof panelWith>, isEvent = (_period: number) => false) =>
  pastShare({ panel, observed: observedDays(panel), isEvent }, 0.5);
const single = panelWith((age) => (age === 0 ? 1 : 0));

describe('pastShare', () => {
  it('finds little left of spikes that lasted a day, and much of those that faded', () => {
    expect(learned(single)).toBeLessThan(0.2);
    expect(Math.abs(learned(panelWith((age) => 0.5 ** age)) - 0.5)).toBeLessThan(0.12);
    expect(learned(panelWith((age) => 0.8 ** age))).toBeGreaterThan(0.65);
  });

  it('keeps to what is assumed where there was no spike to learn from', () => {
    expect(Math.abs(learned(panelWith(() => 0)) - 0.5)).toBeLessThan(0.1);
  });

  it('learns nothing from events, promotions and days on which everything sells', () => {
    const days = new Set(Array.from({ length: PRODUCTS }, (_, product) => startOf(product)));
    expect(learned(single, (period) => days.has(period))).toBeGreaterThan(0.4);
    const promotion = new Float32Array(single.sales.length);
    single.product.forEach((product, s) => (promotion[s * DAYS + startOf(product)] = 1));
    expect(learned({ ...single, promotion })).toBeGreaterThan(0.4);
    const together = demandPanel({
      products: PRODUCTS,
      locations: PLACES,
      days: DAYS,
      mean: (product, _place, day) => (4 + product) * (day % 97 === 0 ? 3 : 1),
    });
    expect(learned(together)).toBeGreaterThan(0.4);
  });

  it('decides how much of the next spike is carried over', () => {
    const excessAfter = (panel: typeof single) => {
      const sales = panel.sales.slice();
      panel.product.forEach((product, s) => {
        if (product === 7) sales[(s + 1) * DAYS - 1] = 35;
      });
      const spikes = carrySpikes({ panel: { ...panel, sales }, observed: observedDays(panel), isEvent: () => false });
      return Math.max(...(spikes?.excess ?? []));
    };
    expect(excessAfter(single)).toBeLessThan(0.5 * excessAfter(panelWith((age) => 0.5 ** age)));
    expect(excessAfter(single)).toBeLessThan(2 * CARRY_OVER.share);
  });
});
