import { InvalidInputError } from '../errors.ts';
import { normalCdf, normalLoss, normalPdf, normalQuantile } from './normal.ts';

/**
 * Standard deviation of demand over an uncertain lead time, √(L·σ_d² + d̄²·σ_L²), demand and lead time independent.
 * Days and units a day. For periodic review give lead time plus review period.
 */
export function leadTimeDemandSd(
  dailyMean: number,
  dailySd: number,
  leadTimeDays: number,
  leadTimeStdDays: number,
): number {
  return Math.sqrt(leadTimeDays * dailySd ** 2 + dailyMean ** 2 * leadTimeStdDays ** 2);
}

/** z(service level) · σ of lead-time demand. The deviation should be that of forecast errors, not of raw demand. */
export function safetyStock(serviceLevel: number, demandSd: number): number {
  return normalQuantile(serviceLevel) * demandSd;
}

/** Mean lead-time demand plus safety stock. */
export function reorderPoint(dailyMean: number, leadTimeDays: number, safety: number): number {
  return dailyMean * leadTimeDays + safety;
}

/** Share of demand met from the shelf, 1 − σ·L(z)/Q, with order size Q. */
export function fillRate(safetyFactor: number, demandSd: number, orderQuantity: number): number {
  return 1 - (demandSd * normalLoss(safetyFactor)) / orderQuantity;
}

/**
 * Share of demand outcomes worth covering, Cu/(Cu + Co).
 * @throws InvalidInputError unless both costs are at least 0 and one is above
 */
export function criticalRatio(underageCost: number, overageCost: number): number {
  if (!(underageCost >= 0 && overageCost >= 0 && underageCost + overageCost > 0)) {
    throw new InvalidInputError('underageCost and overageCost must not be negative and not both zero');
  }
  return underageCost / (underageCost + overageCost);
}

/** Single-period order for normal demand and its expected cost (newsvendor). */
export function newsvendor(
  mean: number,
  sd: number,
  underageCost: number,
  overageCost: number,
): { readonly quantity: number; readonly expectedCost: number } {
  const z = normalQuantile(criticalRatio(underageCost, overageCost));
  const left = sd * (normalPdf(z) + z * normalCdf(z));
  return { quantity: mean + z * sd, expectedCost: overageCost * left + underageCost * sd * normalLoss(z) };
}

/** Economic order quantity √(2DK/h): yearly demand, cost of an order, yearly cost of holding a unit. */
export function economicOrderQuantity(demand: number, orderCost: number, holdingCost: number): number {
  return Math.sqrt((2 * demand * orderCost) / holdingCost);
}

/** Next orderable amount: 0 for no need, else at least the minimum and a whole number of packs. */
export function roundUpToPack(quantity: number, packSize: number, minOrderQuantity: number): number {
  if (!(quantity > 0)) return 0;
  return Math.ceil(Math.max(quantity, minOrderQuantity) / packSize - 1e-9) * packSize;
}

/** What brings the inventory position (on hand + on order − backorders) up to a level, in whole packs. */
export function orderUpToQuantity(level: number, position: number, packSize: number, minOrderQuantity: number): number {
  return roundUpToPack(level - position, packSize, minOrderQuantity);
}
