import { describe, expect, it } from '@jest/globals';
import type { CatalogueProduct } from '../../products/index.ts';
import { rank, trendPercent } from './ranking.ts';

const product = (id: number, sku: string): CatalogueProduct => ({
  id,
  productId: `id-${sku}`,
  sku,
  name: `Product ${sku}`,
  category: 'Snacks',
  currentPrice: null,
  unitCost: null,
  leadTimeDays: 7,
  leadTimeStdDays: 0,
  packSize: 1,
  minOrderQuantity: 0,
  shelfLifeDays: null,
  serviceLevel: 0.95,
  listedFrom: null,
  listedUntil: null,
  attributes: {},
  deleted: false,
});

describe('ranking', () => {
  it('puts the highest demand first, equal ones by SKU, and leaves out what has no forecast', () => {
    const ranked = rank(
      [product(1, 'B'), product(2, 'A'), product(3, 'C'), product(4, 'D')],
      new Map([
        [1, 5],
        [2, 5],
        [3, 8],
      ]),
      new Map([[3, 4]]),
    );
    expect(ranked.map(({ sku, trend_percent }) => [sku, trend_percent])).toEqual([
      ['C', 100],
      ['A', null],
      ['B', null],
    ]);
  });

  it('signs the trend', () => {
    expect(trendPercent(10, 8)).toBeCloseTo(-20, 12);
    expect(trendPercent(0, 8)).toBeNull();
  });
});
