import { MAX_HORIZON } from '../../engine/index.ts';

/** Rows of sales that are read for a request at most: some two seconds of reading and three of forecasting. */
export const MOST_ROWS = 2_500_000;

/** Horizons that are computed, beside the model's own: few, so that one computation serves many requests. */
const HORIZONS = [91, 182, MAX_HORIZON];

/** Rows of sales behind a request, by how much of the assortment is looked at. */
export interface HistorySize {
  readonly all: number;
  /** Of the products that share the category of the one asked for. */
  readonly category: number;
}

/**
 * How much of the assortment a forecast on request looks at: all of it, as the batch does and with its results, or where
 * that would take too long the product's category, without the totals of the locations; null where even that is too much.
 */
export function liveScope({ all, category }: HistorySize): 'all' | 'category' | null {
  if (all <= MOST_ROWS) return 'all';
  return category <= MOST_ROWS ? 'category' : null;
}

/**
 * The horizon to compute for a day so many days ahead, none shorter than the model's own.
 * @returns null beyond what can be forecast
 */
export function liveHorizon(daysAhead: number, modelHorizon: number): number | null {
  if (daysAhead > MAX_HORIZON) return null;
  return [modelHorizon, ...HORIZONS].filter((days) => days >= modelHorizon).find((days) => days >= daysAhead) ?? null;
}
