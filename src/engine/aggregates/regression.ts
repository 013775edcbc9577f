import { factoriseSymmetric, solveFactorised } from '../seasonal/ridge.ts';
import type { Design } from './design.ts';

/** How regressions on the calendar are fitted. Lengths in periods. */
export interface RegressionSettings {
  /** Age at which a period weighs half in the fit. */
  readonly fitHalfLife: number;
  /** Age at which an error weighs half in the correction of the level. */
  readonly levelHalfLife: number;
  /** Last periods whose errors correct for the logarithm. */
  readonly variancePeriods: number;
}

/** One total as the regression sees it. */
export interface RegressionTarget {
  /** log(units + 1) per history row. */
  readonly log: Float64Array;
  /** 1 for the rows that count. */
  readonly use: Uint8Array;
  /** Coefficients towards which the holidays are drawn instead of 0, of a total that contains this one; or null. */
  readonly prior: Float64Array | null;
}

/** A regression of log(units + 1). */
export interface FittedRegression {
  readonly coefficients: Float64Array;
  /** Fitted logarithm per row of the design, history and horizon, without the correction of the level. */
  readonly fitted: Float64Array;
  /** What the latest errors add to the level. */
  readonly shift: number;
  /** Half the variance of the errors: makes the exponential a mean and not a median. */
  readonly halfVariance: number;
}

/** Penalty of a holiday relative to the design's own: light for a sum of many, full where a prior is known. */
const HOLIDAY_FACTOR = { withPrior: 1, withoutPrior: 0.2 };
const { exp, log, min } = Math;

/**
 * Weighted ridge regressions of several totals on one design. Totals that count the same rows share the factorised
 * normal matrix, so that a further total costs little.
 */
export function fitRegressions(
  design: Design,
  targets: readonly RegressionTarget[],
  settings: RegressionSettings,
): FittedRegression[] {
  const factors = new Map<string, Float64Array>();
  const rows = targets[0]?.log.length ?? 0;
  const weight = Float64Array.from({ length: rows }, (_, r) => decay(rows - 1 - r, settings.fitHalfLife));
  return targets.map((target) => {
    const key = `${target.prior === null} ${maskKey(target.use)}`;
    let factor = factors.get(key);
    if (factor === undefined) factors.set(key, (factor = factorise(design, target, weight)));
    return fitOne(design, target, weight, factor, settings);
  });
}

function decay(age: number, halfLife: number): number {
  return exp((-log(2) * age) / halfLife);
}

/** Positions of the rows left out, as text. */
function maskKey(use: Uint8Array): string {
  const out: number[] = [];
  for (let r = 0; r < use.length; r++) if (use[r] === 0) out.push(r);
  return out.join();
}

/** Cholesky factor of X'WX + penalties, lower triangle row by row. */
function factorise(design: Design, { use, prior }: RegressionTarget, weight: Float64Array): Float64Array {
  const { columnCount, rowStart, column, value, kindOf, penalty } = design;
  const matrix = new Float64Array(columnCount * columnCount);
  for (let r = 0; r < use.length; r++) {
    if (use[r] === 0) continue;
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
      const base = column[i] * columnCount;
      const scaled = weight[r] * value[i];
      for (let j = rowStart[r]; j < rowStart[r + 1]; j++)
        if (column[j] <= column[i]) matrix[base + column[j]] += scaled * value[j];
    }
  }
  const holiday = prior === null ? HOLIDAY_FACTOR.withoutPrior : HOLIDAY_FACTOR.withPrior;
  for (let c = 0; c < columnCount; c++)
    matrix[c * columnCount + c] += penalty[c] * (kindOf[c] === 'holiday' ? holiday : 1);
  factoriseSymmetric(matrix, columnCount);
  return matrix;
}

function fitOne(
  design: Design,
  { log: logs, use, prior }: RegressionTarget,
  weight: Float64Array,
  factor: Float64Array,
  settings: RegressionSettings,
): FittedRegression {
  const { columnCount, rowCount, rowStart, column, value, kindOf } = design;
  const rows = logs.length;
  const right = new Float64Array(columnCount);
  for (let r = 0; r < rows; r++) {
    if (use[r] === 0) continue;
    let y = logs[r];
    if (prior !== null)
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++)
        if (kindOf[column[i]] === 'holiday') y -= prior[column[i]] * value[i];
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) right[column[i]] += weight[r] * y * value[i];
  }
  const coefficients = solveFactorised(factor, right, columnCount);
  if (prior !== null) for (let c = 0; c < columnCount; c++) if (kindOf[c] === 'holiday') coefficients[c] += prior[c];
  const fitted = new Float64Array(rowCount);
  for (let r = 0; r < rowCount; r++)
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) fitted[r] += coefficients[column[i]] * value[i];
  let miss = 0;
  let total = 0;
  let squares = 0;
  let recent = 0;
  for (let r = 0; r < rows; r++) {
    if (use[r] === 0) continue;
    const residual = logs[r] - fitted[r];
    const w = decay(rows - 1 - r, settings.levelHalfLife);
    miss += w * residual;
    total += w;
    if (r < rows - settings.variancePeriods) continue;
    squares += residual * residual;
    recent++;
  }
  return {
    coefficients,
    fitted,
    shift: total > 0 ? miss / total : 0,
    halfVariance: recent > 0 ? min(1, squares / recent) / 2 : 0,
  };
}
