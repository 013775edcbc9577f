import type { SeriesGroups } from '../series/groups.ts';

/** One step of the alignment: groups, the forecasts of their totals, and how far to follow them. */
export interface AlignmentLevel {
  readonly groups: SeriesGroups;
  /** Units `[groups * horizon]`; 0 where the group is closed, NaN where there is no forecast of the total. */
  readonly totals: Float32Array;
  /** 0 = leave the forecasts alone, 1 = make them add up to the total. */
  readonly exponent: number;
}

/** No day is scaled by more than this factor or its inverse. */
const LARGEST_FACTOR = 4;

/**
 * Scales item forecasts towards forecasts of the sums of their groups, day by day and level after level:
 * F · (total / ΣF)^exponent. A calendar-aware forecast of a sum knows the day's profile better than the items do. The
 * items of a closed group sell nothing.
 */
export function alignToTotals(mean: Float32Array, horizon: number, levels: readonly AlignmentLevel[]): Float32Array {
  const aligned = mean.slice();
  const seriesCount = mean.length / horizon;
  for (const { groups, totals, exponent } of levels) {
    if (exponent === 0) continue;
    const sums = new Float64Array(groups.count * horizon);
    for (let s = 0; s < seriesCount; s++)
      for (let h = 0; h < horizon; h++) sums[groups.groupOf[s] * horizon + h] += aligned[s * horizon + h];
    const factors = sums.map((sum, i) => {
      if (totals[i] === 0) return 0;
      if (!(sum > 0) || !(totals[i] > 0)) return 1;
      const factor = Math.pow(totals[i] / sum, exponent);
      return Math.min(LARGEST_FACTOR, Math.max(1 / LARGEST_FACTOR, factor));
    });
    for (let s = 0; s < seriesCount; s++)
      for (let h = 0; h < horizon; h++) aligned[s * horizon + h] *= factors[groups.groupOf[s] * horizon + h];
  }
  return aligned;
}
