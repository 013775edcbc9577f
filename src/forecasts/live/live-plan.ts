import { MAX_HORIZON } from '../../engine/index.ts';

/**
 * Rows of sales that are read for a request at most: some two seconds of reading and three of forecasting. Where there are
 * more, a forecast on request looks at the product's category alone, without the totals of the locations; where even that
 * is more, a job has to do it.
 */
export const MOST_ROWS = 2_500_000;

/** Horizons that are computed, beside the model's own: few, so that one computation serves many requests. */
const HORIZONS = [91, 182, MAX_HORIZON];

/**
 * The horizon to compute for a day so many days ahead, none shorter than the model's own.
 * @returns null beyond what can be forecast
 */
export function liveHorizon(daysAhead: number, modelHorizon: number): number | null {
  if (daysAhead > MAX_HORIZON) return null;
  return [modelHorizon, ...HORIZONS].filter((days) => days >= modelHorizon).find((days) => days >= daysAhead) ?? null;
}
