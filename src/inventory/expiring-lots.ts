import { dayOf } from '../signals/index.ts';
import type { Lot } from './stock.types.ts';

/**
 * Units of the lots at hand that are expected to expire unsold within the coming days: the oldest sell first, at the
 * mean of the forecast. With Q_k the units of the first k lots and D_k the demand up to the k-th expiry, the waste is
 * the largest Q_k − D_k.
 * @param firstDay first coming day, counted from 1970-01-01
 * @param days lots that live longer are left out
 * @param meanOf mean demand of the `i`-th coming day
 */
export function expiringUnsold(
  lots: readonly Lot[],
  firstDay: number,
  days: number,
  meanOf: (day: number) => number,
): number {
  const byExpiry = lots
    .map((lot) => ({ quantity: lot.quantity, sellingDays: dayOf(lot.expires_on) - firstDay + 1 }))
    .filter(({ sellingDays }) => sellingDays <= days)
    .sort((a, b) => a.sellingDays - b.sellingDays);
  let waste = 0;
  let units = 0;
  let demand = 0;
  let day = 0;
  for (const { quantity, sellingDays } of byExpiry) {
    for (; day < sellingDays; day++) demand += meanOf(day);
    units += quantity;
    waste = Math.max(waste, units - demand);
  }
  return waste;
}
