import { recommendOrder } from '../engine/index.ts';
import type { OrderRecommendation } from '../engine/index.ts';
import type { DailyForecast } from '../forecasts/index.ts';
import type { CatalogueProduct } from '../products/index.ts';
import { expiringUnsold } from './expiring-lots.ts';
import type { StockLevel } from './stock.types.ts';

/**
 * Days until the next chance to order. Forecasts are renewed and stock is counted daily, so that an order can be placed
 * every day; a longer review would only raise the stock needed.
 */
export const REVIEW_DAYS = 1;
/** Days whose mean stands for the days beyond the forecast: a whole week, so that no weekday weighs more. */
const TAIL_DAYS = 7;

/** Recommendation for one product at one location. `expectedWaste` counts the lots at hand as well as the order. */
export interface SeriesRecommendation extends OrderRecommendation {
  /** Units at hand; an unknown stock counts as 0 and the reason says so. */
  readonly onHand: number;
  readonly onOrder: number;
}

const shown = (value: number): string => String(Math.round(value * 10) / 10);

/**
 * Order recommendation from the current forecast of a series, the product's purchasing terms and the stock.
 * The variance of a day is its mean times the series' dispersion; that of sums grows as the run has measured.
 * @param today first day that is still to come, counted from 1970-01-01
 */
export function recommendSeries(
  forecast: DailyForecast,
  product: CatalogueProduct,
  stock: StockLevel | undefined,
  today: number,
): SeriesRecommendation {
  const { mean, dispersion, run } = forecast;
  // Days of the forecast that have passed are left out; its last week always stays to go on from.
  const passed = Math.min(Math.max(0, today - forecast.startDay), Math.max(0, mean.length - TAIL_DAYS));
  const dailyMean = mean.subarray(passed);
  const protectionDays = product.leadTimeDays + REVIEW_DAYS;
  const onHand = stock?.onHand ?? null;
  const expiring = stock?.lots.length
    ? Math.min(
        onHand ?? 0,
        expiringUnsold(stock.lots, today, protectionDays, (day) => meanOf(dailyMean, day)),
      )
    : 0;
  const advice = recommendOrder({
    onHand: (onHand ?? 0) - expiring,
    onOrder: stock?.onOrder ?? 0,
    dailyMean,
    dailyVariance: dailyMean.map((value) => value * dispersion),
    sumInflation: run.sumInflation,
    leadTimeDays: product.leadTimeDays,
    leadTimeStdDays: product.leadTimeStdDays,
    reviewDays: REVIEW_DAYS,
    serviceLevel: product.serviceLevel,
    packSize: product.packSize,
    minOrderQuantity: product.minOrderQuantity,
    shelfLifeDays: product.shelfLifeDays,
  });
  const notes = [advice.reason];
  if (onHand === null) notes.push('The stock on hand is not known and counts as 0.');
  if (expiring >= 0.05) notes.push(`${shown(expiring)} of the stock on hand are past or will pass their date unsold.`);
  if (protectionDays > forecast.startDay + mean.length - today) {
    notes.push(
      `The forecast ends on day ${mean.length} after ${run.businessDate}; later days repeat the mean of its last ${Math.min(TAIL_DAYS, mean.length)} days.`,
    );
  }
  return {
    ...advice,
    onHand: onHand ?? 0,
    onOrder: stock?.onOrder ?? 0,
    expectedWaste: advice.expectedWaste + expiring,
    reason: notes.join(' '),
  };
}

function meanOf(dailyMean: Float32Array, day: number): number {
  if (day < dailyMean.length) return dailyMean[day];
  const tail = dailyMean.subarray(-TAIL_DAYS);
  return tail.reduce((sum, value) => sum + value, 0) / tail.length;
}
