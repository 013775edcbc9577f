import type { CatalogueProduct } from '../../products/index.ts';
import { MAX_RANKED, TopProductDto } from './top-products.dto.ts';

/** Change from `before` to `after` in percent; null where there was nothing before. */
export function trendPercent(before: number, after: number): number | null {
  return before > 0 ? ((after - before) / before) * 100 : null;
}

/**
 * Ranks products by expected units, highest first, equal ones by SKU.
 * @param predicted units by product key; products without an entry have no forecast and are left out
 */
export function rank(
  products: readonly CatalogueProduct[],
  predicted: ReadonlyMap<number, number>,
  previous: ReadonlyMap<number, number>,
): TopProductDto[] {
  return products
    .filter(({ id }) => predicted.has(id))
    .map(({ id, productId, sku, name, category }) => {
      const before = previous.get(id) ?? 0;
      const after = predicted.get(id) ?? 0;
      return {
        product_id: productId,
        sku,
        name,
        category,
        predicted_demand: after,
        previous_demand: before,
        trend_percent: trendPercent(before, after),
      };
    })
    .sort((a, b) => b.predicted_demand - a.predicted_demand || (a.sku < b.sku ? -1 : 1))
    .slice(0, MAX_RANKED);
}
