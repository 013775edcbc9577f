import { QUANTILE_LEVELS } from '../pipeline/types.ts';
import { calibrateGroups, residualScale, scoresAt, type Calibration, type CalibrationSample } from './calibration.ts';

/** Forecasts and outcomes of one fold. */
export interface FoldSample extends CalibrationSample {
  /** Group per row. */
  readonly groupOf: Uint8Array;
}

/** The interval whose share on the held-out fold is made right; the others are stretched alike. */
const CENTRAL = { low: 0.1, high: 0.9 };
/** Bounds of the stretch: folds are few, and what they say about each other is itself uncertain. */
const STRETCH = { least: 1, most: 1.25 };
/** Outcomes of a fold looked at; more would not move the stretch. */
const MOST_OUTCOMES = 40_000;

/**
 * Calibrates groups of rows on the errors of several folds, for one that is not among them. All errors of a fold share
 * what happened in it, so few folds tell less about the next than their many errors seem to: each is judged by the
 * calibration of the others, and the scores are stretched by what would have made the 80 % intervals right.
 */
export function calibrateFolds(folds: readonly FoldSample[], groupCount: number): Calibration[] {
  const whole = joined(folds);
  const calibrations = calibrateGroups(whole, whole.groupOf, groupCount);
  const stretch = heldOutStretch(folds.map(thinned), groupCount);
  return calibrations.map((calibration) => ({
    ...calibration,
    scores: calibration.scores.map((buckets) => buckets.map((scores) => scores.map((score) => score * stretch))),
  }));
}

/** Factor by which the scores of the other folds must be stretched to cover the outcomes of each fold. */
export function heldOutStretch(folds: readonly FoldSample[], groupCount: number): number {
  if (folds.length < 2) return STRETCH.least;
  const needed = folds.flatMap((fold, f) => {
    const others = joined(folds.filter((_, other) => other !== f));
    return neededStretches(fold, calibrateGroups(others, others.groupOf, groupCount));
  });
  if (needed.length === 0) return STRETCH.least;
  const sorted = Float64Array.from(needed).sort();
  const found = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (CENTRAL.high - CENTRAL.low)))];
  return Math.min(STRETCH.most, Math.max(STRETCH.least, found));
}

/** Per outcome the factor from which on the interval holds it. */
function neededStretches(fold: FoldSample, calibrations: readonly Calibration[]): number[] {
  const low = QUANTILE_LEVELS.indexOf(CENTRAL.low);
  const high = QUANTILE_LEVELS.indexOf(CENTRAL.high);
  const needed: number[] = [];
  fold.actual.forEach((y, i) => {
    const mean = fold.mean[i];
    if (!(y >= 0) || !(mean > 0)) return;
    const row = Math.floor(i / fold.horizon);
    const score = (y - mean) / residualScale(mean, fold.dispersion[row]);
    const scores = scoresAt(calibrations[fold.groupOf[row]], mean, (i % fold.horizon) + 1);
    const bound = score > 0 ? scores[high] : scores[low];
    if (score === 0 || (score <= scores[high] && score >= scores[low])) needed.push(Math.min(1, score / bound || 0));
    // The lower bound ends at 0, so that nothing sold is inside as soon as the stretched bound reaches it.
    else needed.push(score / bound > 0 ? score / bound : Infinity);
  });
  return needed;
}

/** Every n-th row of a fold. */
function thinned(fold: FoldSample): FoldSample {
  const every = Math.ceil(fold.actual.length / MOST_OUTCOMES);
  if (every === 1) return fold;
  const { horizon } = fold;
  const rows = Array.from(fold.groupOf.keys()).filter((row) => row % every === 0);
  const pick = (values: Float32Array) => {
    const out = new Float32Array(rows.length * horizon);
    rows.forEach((row, at) => out.set(values.subarray(row * horizon, (row + 1) * horizon), at * horizon));
    return out;
  };
  return {
    horizon,
    mean: pick(fold.mean),
    actual: pick(fold.actual),
    dispersion: Float32Array.from(rows, (row) => fold.dispersion[row]),
    groupOf: Uint8Array.from(rows, (row) => fold.groupOf[row]),
  };
}

function joined(folds: readonly FoldSample[]): FoldSample {
  const join = (parts: readonly Float32Array[]) => {
    const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  return {
    horizon: folds[0].horizon,
    mean: join(folds.map(({ mean }) => mean)),
    actual: join(folds.map(({ actual }) => actual)),
    dispersion: join(folds.map(({ dispersion }) => dispersion)),
    groupOf: Uint8Array.from(folds.flatMap(({ groupOf }) => [...groupOf])),
  };
}
