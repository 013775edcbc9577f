import { describe, expect, it } from '@jest/globals';
import { compareArms, ProductSums } from './compare-arms.ts';

const product = (id: number, more: Partial<ProductSums> = {}): ProductSums => ({
  product: id,
  series: 2,
  count: 10,
  units: 100,
  absoluteA: 40,
  absoluteB: 40,
  errorA: 5,
  errorB: -5,
  insideA: 8,
  insideB: 7,
  ...more,
});

describe('compareArms', () => {
  it('judges each version on the products it serves, and both on all', () => {
    const sums = Array.from({ length: 10 }, (_, id) => product(id, { absoluteB: 30 + (id % 3) }));
    const { a, b, paired } = compareArms(sums, new Set([0, 1, 2]));
    expect(a).toMatchObject({ products: 7, series: 14, pairs: 70, units: 700, bias: 0.05, coverage: 0.8 });
    expect(a.wape).toEqual({ value: 0.4, low: 0.4, high: 0.4 });
    expect(b).toMatchObject({ products: 3, bias: -0.05, coverage: 0.7 });
    expect(b.wape?.value).toBeCloseTo(0.31, 12);
    expect(paired).toMatchObject({ products: 10, wapeA: 0.4, better: 'b', pValue: 2 / 1024 });
    expect(paired?.difference.high).toBeLessThan(0);
  });

  it('leaves open what may be chance', () => {
    const sums = [product(1, { absoluteB: 30 }), product(2, { absoluteB: 48 }), product(3)];
    expect(compareArms(sums, new Set([1])).paired?.better).toBe('undecided');
  });

  it('says nothing of days without sales', () => {
    const { a, b, paired } = compareArms([product(1, { units: 0 })], new Set());
    expect([a.wape, a.bias, b.coverage, paired]).toEqual([null, null, null, null]);
  });
});
