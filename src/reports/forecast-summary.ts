import { demandDistribution } from '../engine/index.ts';
import type { DailyForecast } from '../forecasts/index.ts';
import type { CatalogueProduct } from '../products/index.ts';
import { rounded } from './rounded.ts';

/** The days of a summary and those it is compared with; days count from 1970-01-01. */
export interface SummaryWindow {
  readonly fromDay: number;
  readonly days: number;
  /** First of as many days before; null where the history does not reach so far back. */
  readonly previousFromDay: number | null;
}

/** A calendar week from Monday, as far as it lies in the window. */
export interface SummaryWeek {
  readonly mondayDay: number;
  readonly fromDay: number;
  readonly toDay: number;
}

/** Predicted demand beside the actual demand of the previous period, units. */
export interface Figures {
  readonly predicted: number;
  readonly previous: number | null;
  /** Change against the previous period; null where there was none. */
  readonly trendPercent: number | null;
}

/** A product in the window. The quantiles are those of the whole sum; null where the sum is over several forecasts. */
export interface ProductSummary extends Figures {
  readonly product: CatalogueProduct;
  readonly runId: string;
  readonly p10: number | null;
  readonly p90: number | null;
  /** Per week of the window. */
  readonly weekly: readonly { readonly predicted: number; readonly previous: number | null }[];
}

/** Sums over several products. */
export interface GroupSummary extends Figures {
  readonly products: number;
  readonly weeks: readonly Figures[];
}

/** Units are kept to a thousandth, so that the figures of a report add up exactly as they are shown. */
const UNIT_DECIMALS = 3;

/** The weeks of a window, in order. */
export function weeksOf({ fromDay, days }: SummaryWindow): SummaryWeek[] {
  const weeks: SummaryWeek[] = [];
  for (let day = fromDay; day < fromDay + days;) {
    // 1970-01-01 was a Thursday.
    const mondayDay = day - ((day + 3) % 7);
    const toDay = Math.min(mondayDay + 6, fromDay + days - 1);
    weeks.push({ mondayDay, fromDay: day, toDay });
    day = toDay + 1;
  }
  return weeks;
}

/**
 * Sums a product's forecasts over the window.
 * @param forecasts of the product, each of another place (or one of all places together)
 * @param previous actual units of each day of the previous period; null where unknown
 */
export function summariseProduct(
  product: CatalogueProduct,
  forecasts: readonly DailyForecast[],
  previous: ArrayLike<number> | null,
  window: SummaryWindow,
): ProductSummary {
  const weekly = weeksOf(window).map(({ fromDay, toDay }) => {
    let predicted = 0;
    let before = 0;
    for (let day = fromDay; day <= toDay; day++) {
      for (const { mean, startDay } of forecasts) predicted += mean[day - startDay] ?? 0;
      if (previous) before += previous[day - window.fromDay];
    }
    return {
      predicted: rounded(predicted, UNIT_DECIMALS),
      previous: previous && rounded(before, UNIT_DECIMALS),
    };
  });
  return { product, runId: forecasts[0].run.runId, ...quantilesOf(forecasts, window), ...figuresOf(weekly), weekly };
}

/** Sums products; the parts add up to the whole. */
export function summariseGroup(products: readonly ProductSummary[], window: SummaryWindow): GroupSummary {
  return {
    ...figuresOf(products),
    products: products.length,
    weeks: weeksOf(window).map((_, week) => figuresOf(products.map(({ weekly }) => weekly[week]))),
  };
}

function figuresOf(parts: readonly Pick<Figures, 'predicted' | 'previous'>[]): Figures {
  const predicted = rounded(
    parts.reduce((sum, part) => sum + part.predicted, 0),
    UNIT_DECIMALS,
  );
  const known = parts.length > 0 && parts.every((part) => part.previous !== null);
  const previous = known
    ? rounded(
        parts.reduce((sum, part) => sum + (part.previous ?? 0), 0),
        UNIT_DECIMALS,
      )
    : null;
  return { predicted, previous, trendPercent: previous ? rounded((predicted / previous - 1) * 100, 2) : null };
}

/**
 * P10 and P90 of the sum over the window, from its mean and its variance. Quantiles do not add up, so there are none
 * for sums over places or products whose errors are not known together.
 */
function quantilesOf(
  forecasts: readonly DailyForecast[],
  window: SummaryWindow,
): { p10: number | null; p90: number | null } {
  if (forecasts.length !== 1) return { p10: null, p90: null };
  const [{ mean, startDay, dispersion, run }] = forecasts;
  let total = 0;
  for (let i = 0; i < window.days; i++) total += mean[window.fromDay + i - startDay] ?? 0;
  const inflation = run.sumInflation[Math.min(window.days, run.sumInflation.length) - 1] ?? 1;
  const demand = demandDistribution(total, total * dispersion * inflation);
  return { p10: rounded(demand.quantile(0.1), UNIT_DECIMALS), p90: rounded(demand.quantile(0.9), UNIT_DECIMALS) };
}
