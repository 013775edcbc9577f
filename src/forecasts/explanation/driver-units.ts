import { FORECAST_DRIVERS } from '../../engine/index.ts';

/**
 * Units of each driver on a day of a stored explanation, 0 for drivers that came after it was stored: new ones are last.
 * @param values drivers of the days of a run, day by day
 * @param horizon days of the run
 * @returns as many as there are drivers; none where the run does not reach the day
 */
export function driverUnits(values: readonly number[], horizon: number, day: number): number[] {
  if (day < 0 || day >= horizon) return [];
  const stored = values.length / horizon;
  return FORECAST_DRIVERS.map((_, d) => (d < stored ? values[day * stored + d] : 0));
}
