import { describe, expect, it } from '@jest/globals';
import { PanelBuilder } from './panel-builder.ts';

interface More {
  readonly category?: number;
  readonly price?: number;
  readonly promotion?: number;
  readonly onHand?: number;
}

function add(builder: PanelBuilder, product: number, location: number, day: number, quantity: number, more: More = {}) {
  const { category = 0, price = NaN, promotion = NaN, onHand = NaN } = more;
  builder.add(product, location, category, day, quantity, price, promotion, onHand);
}

describe('PanelBuilder', () => {
  it('puts one series after the other, unknown before the first row and zero where a day is missing', () => {
    const builder = new PanelBuilder(100, 103);
    add(builder, 7, 1, 100, 5);
    add(builder, 7, 1, 102, 2);
    add(builder, 7, 2, 102, 9);
    add(builder, 8, 1, 103, 1, { category: 3 });
    const panel = builder.build();
    expect(panel).toMatchObject({ startPeriod: 100, periodCount: 4, seriesCount: 3, price: null, promotion: null });
    expect(panel?.inStock).toBeNull();
    expect([...(panel?.sales ?? [])]).toEqual([5, 0, 2, 0, NaN, NaN, 9, 0, NaN, NaN, NaN, 1]);
    expect([...(panel?.product ?? [])]).toEqual([7, 7, 8]);
    expect([...(panel?.location ?? [])]).toEqual([1, 2, 1]);
    expect([...(panel?.category ?? [])]).toEqual([0, 0, 3]);
    expect([...(panel?.firstPeriod ?? [])]).toEqual([0, 2, 3]);
  });

  it('reads price, promotion and an empty shelf at the end of the day', () => {
    const builder = new PanelBuilder(10, 12);
    add(builder, 1, 1, 10, 4, { price: 20, onHand: 6, promotion: 0.5 });
    add(builder, 1, 1, 11, 6, { price: 18, onHand: 0, promotion: 3 });
    add(builder, 1, 1, 12, 0);
    const panel = builder.build();
    expect([...(panel?.price ?? [])]).toEqual([20, 18, NaN]);
    expect([...(panel?.promotion ?? [])]).toEqual([0.5, 1, 0]);
    expect([...(panel?.inStock ?? [])]).toEqual([1, 0, 1]);
  });

  it('leaves out days outside its range and answers null for no rows at all', () => {
    const builder = new PanelBuilder(10, 12);
    add(builder, 1, 1, 9, 4);
    add(builder, 1, 1, 13, 4);
    expect(builder.build()).toBeNull();
  });

  it('keeps every series apart while its arrays grow', () => {
    const builder = new PanelBuilder(0, 2);
    for (let product = 0; product < 50; product++)
      for (let day = product % 3; day < 3; day++) add(builder, product, 1, day, product + day / 10);
    const panel = builder.build();
    expect(panel?.seriesCount).toBe(50);
    for (let product = 0; product < 50; product++)
      for (let day = 0; day < 3; day++) {
        const expected = day < product % 3 ? NaN : Math.fround(product + day / 10);
        expect(panel?.sales[product * 3 + day]).toBe(expected);
      }
  });

  it('knows nothing of days on which a whole place is silent, unless an event closes it', () => {
    const fill = (eventDays: ReadonlySet<number>) => {
      const builder = new PanelBuilder(0, 69);
      for (let product = 0; product < 12; product++)
        for (let day = 0; day < 70; day++) if (day !== 20 && day !== 41) add(builder, product, 1, day, 2);
      return builder.build(eventDays);
    };
    const { sales } = fill(new Set([41])) ?? {};
    expect([...(sales?.subarray(19, 22) ?? [])]).toEqual([2, NaN, 2]);
    expect(sales?.[41]).toBe(0);
    expect(fill(new Set())?.sales[41]).toBeNaN();
  });

  it('bounds a series by the days its product is listed', () => {
    const builder = new PanelBuilder(100, 105);
    for (const product of [1, 2]) for (let day = 100; day <= 105; day++) add(builder, product, 1, day, product);
    const panel = builder.build(new Set(), new Map([[2, { from: 102, until: 104 }]]));
    expect([...(panel?.sales ?? [])]).toEqual([1, 1, 1, 1, 1, 1, NaN, NaN, 2, 2, 2, NaN]);
    expect([...(panel?.firstPeriod ?? [])]).toEqual([0, 2]);
    expect([...(panel?.lastPeriod ?? [])]).toEqual([5, 4]);
  });
});
