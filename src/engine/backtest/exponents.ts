import { alignMeans } from '../pipeline/assemble.ts';
import type { AlignmentExponents } from '../pipeline/fitted.ts';
import { TRAITS } from '../series/frequency.ts';
import type { SeriesGroups } from '../series/groups.ts';
import type { Fold } from './fold.ts';

/** Candidates from leaving the items alone to making them follow the sums; the optimum is flat. */
const CANDIDATES: readonly AlignmentExponents[] = [
  { shelf: 0, location: 0 },
  { shelf: 0.35, location: 0.35 },
  { shelf: 0.7, location: 0.7 },
  { shelf: 1, location: 0.7 },
];
/**
 * Taken unless another candidate betters the loss by the least gain: over many windows following the sums pays, and what
 * two or four folds say against it is mostly luck. Where sums hide what moves the items, as promotions do, they say so
 * clearly.
 */
const PREFERRED = { long: 3, short: 1 };
const LEAST_GAIN = 0.05;
/** Years of history from which the forecasts of the sums know every season. */
const LONG_YEARS = 2;

/**
 * How far the items should follow the forecasts of the sums, by what would have served best on the folds: the mean over
 * the items and each aligned level, and their grand total, of the root mean squared error relative to no alignment.
 * @param combined per fold the unaligned means
 */
export function chooseExponents(folds: readonly Fold[], combined: readonly Float32Array[]): AlignmentExponents {
  const { panel, levels } = folds[0].origin;
  if (levels.length === 0) return CANDIDATES[0];
  const losses = CANDIDATES.map((exponents) => lossOf(folds, combined, exponents));
  const relative = losses.map((loss) => loss.reduce((sum, value, i) => sum + value / losses[0][i], 0) / loss.length);
  const isLong = panel.periodCount >= LONG_YEARS * TRAITS[panel.frequency ?? 'daily'].year;
  const preferred = isLong ? PREFERRED.long : PREFERRED.short;
  const best = relative.indexOf(Math.min(...relative));
  return CANDIDATES[relative[best] < relative[preferred] * (1 - LEAST_GAIN) ? best : preferred];
}

/** Root mean squared errors: items, each level, everything. */
function lossOf(folds: readonly Fold[], combined: readonly Float32Array[], exponents: AlignmentExponents): number[] {
  const { seriesCount } = folds[0].origin.panel;
  const groupings: SeriesGroups[] = [
    { count: seriesCount, groupOf: Int32Array.from({ length: seriesCount }, (_, s) => s) },
    ...folds[0].origin.levels.map(({ totals }) => totals.groups),
    { count: 1, groupOf: new Int32Array(seriesCount) },
  ];
  const squares = new Float64Array(groupings.length);
  const counts = new Float64Array(groupings.length);
  folds.forEach((fold, f) => {
    const mean = alignMeans(fold.origin, combined[f], fold.sums, exponents, fold.days);
    groupings.forEach(({ count, groupOf }, level) => {
      const errors = new Float64Array(count * fold.days);
      for (let s = 0; s < seriesCount; s++)
        for (let h = 0; h < fold.days; h++) {
          const i = s * fold.days + h;
          if (fold.actual[i] >= 0) errors[groupOf[s] * fold.days + h] += fold.actual[i] - mean[i];
        }
      for (const error of errors) squares[level] += error * error;
      counts[level] += errors.length;
    });
  });
  return Array.from(squares, (sum, level) => Math.max(1e-9, Math.sqrt(sum / counts[level])));
}
