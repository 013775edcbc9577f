import { bias, coverage, mae, mape, mse, pinball, QUANTILE_LEVELS, r2, rmse, wape } from '../../engine/index.ts';
import type { HorizonMeasuresDto, MeasuresDto } from './accuracy.dto.ts';

/** One held-out day of one series. */
export interface JudgedDay {
  readonly date: string;
  /** Days ahead, from 1. */
  readonly horizon: number;
  readonly actual: number;
  readonly mean: number;
  readonly seasonalNaive: number;
  readonly p10: number;
  readonly p90: number;
  /** One value per level of {@link QUANTILE_LEVELS}. */
  readonly quantiles: readonly number[];
}

/** What MASE and RMSSE divide by; null where the history before the hold-out is too short or never changes. */
export interface Scale {
  readonly meanAbsolute: number | null;
  readonly meanSquared: number | null;
}

/** Last days of the horizon buckets; what lies beyond the last forms one more. */
const BUCKET_ENDS = [7, 14, 21, 28, Infinity];

function ratio(value: number | null, scale: number | null): number | null {
  return value === null || scale === null || !(scale > 0) ? null : value / scale;
}

/** All measures of one series over some days. */
export function measure(days: readonly JudgedDay[], scale: Scale): MeasuresDto {
  const actual = days.map((day) => day.actual);
  const mean = days.map((day) => day.mean);
  const { percent, excluded } = mape(actual, mean);
  const squared = ratio(mse(actual, mean), scale.meanSquared);
  return {
    count: days.length,
    mae: mae(actual, mean),
    rmse: rmse(actual, mean),
    r2: r2(actual, mean),
    mape: percent,
    mape_zero_actuals: excluded,
    wape: wape(actual, mean),
    bias: bias(actual, mean),
    mase: ratio(mae(actual, mean), scale.meanAbsolute),
    rmsse: squared === null ? null : Math.sqrt(squared),
    pinball: QUANTILE_LEVELS.map((quantile, level) => ({
      quantile,
      loss: pinball(
        actual,
        days.map((day) => day.quantiles[level]),
        quantile,
      ),
    })).filter((entry): entry is { quantile: number; loss: number } => entry.loss !== null),
    coverage: coverage(
      actual,
      days.map((day) => day.p10),
      days.map((day) => day.p90),
    ),
    seasonal_naive_wape: wape(
      actual,
      days.map((day) => day.seasonalNaive),
    ),
  };
}

/** The measures week by week of the horizon; buckets without a judged day are left out. */
export function measureByHorizon(days: readonly JudgedDay[], scale: Scale): HorizonMeasuresDto[] {
  const furthest = Math.max(0, ...days.map(({ horizon }) => horizon));
  return BUCKET_ENDS.flatMap((end, index) => {
    const from = (BUCKET_ENDS[index - 1] ?? 0) + 1;
    const inside = days.filter(({ horizon }) => horizon >= from && horizon <= end);
    if (inside.length === 0) return [];
    return [{ from_day: from, to_day: Math.min(end, furthest), ...measure(inside, scale) }];
  });
}
