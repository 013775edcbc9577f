import type { LocalSeries } from '../seasonal/history.ts';

/** Demand classes of Syntetos & Boylan (2005), and `no_demand` for a series without a sale. */
export const DEMAND_CLASSES = ['smooth', 'erratic', 'intermittent', 'lumpy', 'no_demand'] as const;
export type DemandClass = (typeof DEMAND_CLASSES)[number];

const ADI_CUT = 1.32;
const CV2_CUT = 0.49;

/** Average demand interval and squared coefficient of variation of the demand sizes. */
export interface DemandPattern {
  /** Observed days per day with a sale; Infinity without a sale. */
  readonly averageInterval: number;
  /** Variance of the sizes over their squared mean; 0 without a sale. */
  readonly squaredVariation: number;
  readonly demandClass: DemandClass;
}

/** Classifies the last `days` days of a series by the cut-offs 1.32 and 0.49. */
export function classifyDemand(series: LocalSeries, days: number): DemandPattern {
  let periods = 0;
  let sales = 0;
  let sum = 0;
  let squares = 0;
  for (let d = Math.max(series.first, series.end - days); d < series.end; d++) {
    if (series.observed[series.offset + d] === 0) continue;
    periods++;
    const value = series.values[series.offset + d];
    if (!(value > 0)) continue;
    sales++;
    sum += value;
    squares += value * value;
  }
  if (sales === 0) return { averageInterval: Infinity, squaredVariation: 0, demandClass: 'no_demand' };
  const mean = sum / sales;
  const averageInterval = periods / sales;
  const squaredVariation = Math.max(0, squares / sales - mean * mean) / (mean * mean);
  const rare = averageInterval >= ADI_CUT;
  const variable = squaredVariation >= CV2_CUT;
  const demandClass = rare ? (variable ? 'lumpy' : 'intermittent') : variable ? 'erratic' : 'smooth';
  return { averageInterval, squaredVariation, demandClass };
}
