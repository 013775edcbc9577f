import type { Forecast } from '../pipeline/types.ts';

/** Mean and variance of the demand of several days together, units and units². */
export interface SumDistribution {
  readonly mean: number;
  readonly variance: number;
}

/**
 * Distribution of the demand over `days` days from day `from` (0 = the first forecast day) of one row. The variance is
 * calibrated on sums: errors of neighbouring days go together, so it exceeds the sum of the daily variances.
 * Days beyond the forecast's horizon repeat its mean day.
 */
export function sumDistribution(forecast: Forecast, row: number, days: number, from = 0): SumDistribution {
  const { horizon, mean, dispersion, sumInflation } = forecast;
  const offset = row * horizon;
  let inside = 0;
  let whole = 0;
  for (let h = 0; h < horizon; h++) {
    whole += mean[offset + h];
    if (h >= from && h < from + days) inside += mean[offset + h];
  }
  const beyond = Math.max(0, from + days - Math.max(from, horizon));
  const total = inside + (beyond * whole) / horizon;
  const inflation = sumInflation[Math.min(Math.max(1, Math.round(days)), sumInflation.length) - 1];
  return { mean: total, variance: dispersion[row] * total * inflation };
}
