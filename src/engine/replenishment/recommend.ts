import { InvalidInputError } from '../errors.ts';
import { demandDistribution } from './demand-distribution.ts';
import type { DemandDistribution } from './demand-distribution.ts';
import { orderUpToQuantity } from './policy.ts';

/** One product at one location. Units of stock throughout; day 0 is today. */
export interface OrderRequest {
  readonly onHand: number;
  readonly onOrder: number;
  readonly backorders?: number;
  /** Mean demand of each coming day; later days repeat the mean of the last seven. */
  readonly dailyMean: ArrayLike<number>;
  /** Forecast-error variance of each coming day. */
  readonly dailyVariance: ArrayLike<number>;
  /**
   * Entry `n - 1`: variance of an n-day sum over the sum of the n daily variances (1 if absent): errors of neighbouring
   * days go together, which makes sums more uncertain. The last entry holds for longer sums.
   */
  readonly sumInflation?: ArrayLike<number>;
  readonly leadTimeDays: number;
  readonly leadTimeStdDays?: number;
  /** Days until the next chance to order. */
  readonly reviewDays: number;
  /** Wanted chance of not running out before the next order can arrive. */
  readonly serviceLevel: number;
  readonly packSize?: number;
  readonly minOrderQuantity?: number;
  /** Days a unit can be sold after it arrives; null or absent = does not perish. */
  readonly shelfLifeDays?: number | null;
}

export interface OrderRecommendation {
  /** Mean demand over the protection period: lead time plus review period. */
  readonly leadTimeDemandMean: number;
  /** Quantile of that demand at the service level. */
  readonly leadTimeDemandQuantile: number;
  /** Quantile less mean. */
  readonly safetyStock: number;
  /** Order when the inventory position falls below this. */
  readonly reorderPoint: number;
  /** Level an order aims at; below the reorder point only when the shelf life caps it. */
  readonly orderUpTo: number;
  readonly recommendedQuantity: number;
  /** Chance of running out in the protection period when the recommendation is followed. */
  readonly stockoutProbability: number;
  /** Units of this order expected to expire unsold; 0 for what does not perish. */
  readonly expectedWaste: number;
  /** The recommendation in a sentence or two. */
  readonly reason: string;
}

function requireAtLeastZero(value: number, name: string): void {
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidInputError(`${name} must be finite and not negative`);
}

function requireAllAtLeastZero(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= 0 && values[i] < Infinity)) requireAtLeastZero(values[i], `${name}[${i}]`);
  }
}

function check(request: OrderRequest): void {
  const { dailyMean, dailyVariance, serviceLevel, sumInflation = [], packSize = 1, shelfLifeDays } = request;
  if (!Number.isFinite(request.onHand)) throw new InvalidInputError('onHand must be finite');
  requireAtLeastZero(request.onOrder, 'onOrder');
  requireAtLeastZero(request.backorders ?? 0, 'backorders');
  requireAtLeastZero(request.leadTimeDays, 'leadTimeDays');
  requireAtLeastZero(request.leadTimeStdDays ?? 0, 'leadTimeStdDays');
  requireAtLeastZero(request.reviewDays, 'reviewDays');
  requireAtLeastZero(request.minOrderQuantity ?? 0, 'minOrderQuantity');
  if (!(packSize > 0 && Number.isFinite(packSize))) throw new InvalidInputError('packSize must be above 0');
  if (!(serviceLevel > 0 && serviceLevel < 1)) throw new InvalidInputError('serviceLevel must be between 0 and 1');
  if (shelfLifeDays != null) requireAtLeastZero(shelfLifeDays, 'shelfLifeDays');
  if (dailyMean.length === 0) throw new InvalidInputError('dailyMean must have at least one day');
  if (dailyVariance.length !== dailyMean.length) {
    throw new InvalidInputError('dailyVariance must have as many days as dailyMean');
  }
  requireAllAtLeastZero(dailyMean, 'dailyMean');
  requireAllAtLeastZero(dailyVariance, 'dailyVariance');
  requireAllAtLeastZero(sumInflation, 'sumInflation');
}

function tailMean(values: ArrayLike<number>): number {
  const days = Math.min(7, values.length);
  let sum = 0;
  for (let i = values.length - days; i < values.length; i++) sum += values[i];
  return sum / days;
}

/** Demand over the first `days` (a part of a day counts in proportion), the length itself uncertain by `sdDays`. */
function demandOver(request: OrderRequest, days: number, sdDays: number): DemandDistribution {
  const { dailyMean, dailyVariance, sumInflation = [] } = request;
  let mean = 0;
  let variance = 0;
  const known = dailyMean.length;
  const add = (share: number, dayMean: number, dayVariance: number): void => {
    mean += share * dayMean;
    variance += share * dayVariance;
  };
  for (let day = 0; day < Math.min(known, days); day++)
    add(Math.min(1, days - day), dailyMean[day], dailyVariance[day]);
  if (days > known) add(days - known, tailMean(dailyMean), tailMean(dailyVariance));
  const inflation = sumInflation[Math.min(Math.max(1, Math.round(days)), sumInflation.length) - 1] ?? 1;
  const rate = days > 0 ? mean / days : dailyMean[0];
  return demandDistribution(mean, variance * inflation + (rate * sdDays) ** 2);
}

const shown = (value: number): string => String(Math.round(value * 10) / 10);
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/**
 * Order recommendation of a base-stock policy: raise the inventory position to the service-level quantile of demand
 * until the next order could arrive, in whole packs, but not beyond what is more likely than not to sell within the
 * shelf life (median demand until the new units expire).
 * @throws InvalidInputError naming the field at fault
 */
export function recommendOrder(request: OrderRequest): OrderRecommendation {
  check(request);
  const { leadTimeDays, reviewDays, serviceLevel, packSize = 1, minOrderQuantity = 0 } = request;
  const sdDays = request.leadTimeStdDays ?? 0;
  const position = request.onHand + request.onOrder - (request.backorders ?? 0);
  const protection = demandOver(request, leadTimeDays + reviewDays, sdDays);
  const level = protection.quantile(serviceLevel);
  const shelfLife = request.shelfLifeDays ?? null;
  const untilExpiry = shelfLife === null ? null : demandOver(request, leadTimeDays + shelfLife, sdDays);
  const cap = untilExpiry === null ? Infinity : untilExpiry.quantile(0.5);
  const orderUpTo = Math.min(level, cap);
  const wasteOf = (quantity: number): number => {
    if (untilExpiry === null || quantity === 0) return 0;
    const left = (stock: number): number =>
      Math.max(0, stock - untilExpiry.mean + untilExpiry.expectedShortfall(stock));
    return Math.max(0, left(position + quantity) - left(position));
  };
  const savedBy = (quantity: number): number =>
    protection.expectedShortfall(position) - protection.expectedShortfall(position + quantity);

  let quantity = orderUpToQuantity(orderUpTo, position, packSize, minOrderQuantity);
  if (position + quantity > cap && quantity > 0) {
    // The pack that crosses the shelf-life cap is worth taking only when it saves more sales than it wastes.
    const fewer = quantity - packSize >= Math.max(minOrderQuantity, packSize) ? quantity - packSize : 0;
    if (savedBy(quantity) - savedBy(fewer) <= wasteOf(quantity) - wasteOf(fewer)) quantity = fewer;
  }
  const stockoutProbability = Math.max(0, 1 - protection.cdf(position + quantity));
  const expectedWaste = wasteOf(quantity);
  return {
    leadTimeDemandMean: protection.mean,
    leadTimeDemandQuantile: level,
    safetyStock: level - protection.mean,
    reorderPoint: level,
    orderUpTo,
    recommendedQuantity: quantity,
    stockoutProbability,
    expectedWaste,
    reason: explain(),
  };

  function explain(): string {
    const days = shown(leadTimeDays + reviewDays);
    const need = `Demand over the next ${days} days is expected to be ${shown(protection.mean)} and stays at or below ${shown(level)} with a chance of ${percent(serviceLevel)}.`;
    const stock = `Stock on hand and on order is ${shown(position)}`;
    if (quantity === 0) {
      return position >= level
        ? `${need} ${stock}, so no order is needed.`
        : `${need} ${stock}, but a further pack would more likely expire than sell, so nothing is ordered.`;
    }
    const capped = cap < level ? `, held down by a shelf life of ${shown(shelfLife ?? 0)} days` : '';
    const packs = packSize !== 1 ? ` (${shown(quantity / packSize)} packs of ${shown(packSize)})` : '';
    const waste = expectedWaste >= 0.05 ? ` About ${shown(expectedWaste)} may expire.` : '';
    return `${need} ${stock}: order ${shown(quantity)}${packs}${capped}. The remaining chance of running out is ${percent(stockoutProbability)}.${waste}`;
  }
}
