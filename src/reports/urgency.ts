import type { Recommendation } from '../inventory/index.ts';

/** Sort key of a recommendation; descending in the first three parts, ascending in the others, which make it unique. */
export type UrgencyKey = readonly [order: number, need: number, demand: number, product: number, location: number];

/**
 * How urgent an order is: those with something to order first, then by how little of the reorder point is covered by
 * stock on hand and on order (1 = nothing at all, 0.5 = just so), then by the demand at stake.
 */
export function urgencyOf(recommendation: Recommendation): UrgencyKey {
  const { reorderPoint, onHand, onOrder, recommendedQuantity, leadTimeDemandMean, product, location } = recommendation;
  const need = reorderPoint > 0 ? reorderPoint / (reorderPoint + onHand + onOrder) : 0;
  return [recommendedQuantity > 0 ? 1 : 0, need, leadTimeDemandMean, product.id, location.id];
}

/** Order of two keys, the more urgent first. */
export function compareUrgency(a: UrgencyKey, b: UrgencyKey): number {
  return b[0] - a[0] || b[1] - a[1] || b[2] - a[2] || a[3] - b[3] || a[4] - b[4];
}
