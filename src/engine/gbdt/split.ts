/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { floor } = Math;

/** Where to cut a leaf; `gain` is 0 when no cut is allowed or none helps. */
export interface Split {
  gain: number;
  feature: number;
  /** Highest bin that goes left. */
  bin: number;
  missingLeft: boolean;
  /** Packed gradient and row sum of the left side. */
  leftPacked: number;
  leftHessian: number;
}

/** How sums of a tree are stored and what a cut must satisfy. */
export interface SplitRules {
  /** 2 to the number of bits of the row count in a packed sum. */
  readonly countRange: number;
  /** Size of one gradient unit. */
  readonly gradientUnit: number;
  /** Size of one hessian unit; unused when `hasHessian` is false. */
  readonly hessianUnit: number;
  /** False when every row has hessian 1, so that the row count stands in for the sum. */
  readonly hasHessian: boolean;
  readonly minRows: number;
  readonly lambda: number;
}

/** A side with less curvature than this has a meaningless Newton step. */
const MIN_HESSIAN = 1e-3;

/** Whole gradient units of a packed sum. */
export function packedGradient(packed: number, countRange: number): number {
  return floor(packed / countRange);
}

/**
 * Best cut of one leaf over all features tried. Features and bins are visited in order and only a strictly better cut
 * replaces the one held, so ties always fall the same way.
 * @param features the features tried, ascending
 * @param slotStart first histogram slot of every feature, and one more entry for the end
 * @param totalPacked packed sum over the leaf
 * @param totalHessian hessian sum over the leaf in hessian units
 */
export function findBestSplit(
  histogram: Float64Array,
  features: Int32Array,
  slotStart: Int32Array,
  totalPacked: number,
  totalHessian: number,
  rules: SplitRules,
  best: Split,
): void {
  const { countRange, gradientUnit, hessianUnit, hasHessian, minRows, lambda } = rules;
  const inverseRange = 1 / countRange;
  const width = hasHessian ? 2 : 1;
  const totalUnits = packedGradient(totalPacked, countRange);
  const rows = totalPacked - totalUnits * countRange;
  const g = totalUnits * gradientUnit;
  const h = hasHessian ? totalHessian * hessianUnit : rows;
  const unsplit = (g * g) / (h + lambda);
  // A gain below the rounding of the sums themselves is no gain.
  let bestScore = unsplit * (1 + 1e-12);
  best.gain = 0;
  for (let j = 0; j < features.length; j++) {
    const feature = features[j];
    const first = slotStart[feature];
    const bins = slotStart[feature + 1] - first - 1;
    const missingPacked = histogram[first * width];
    const missingHessian = hasHessian ? histogram[first * width + 1] : 0;
    const missingRows = missingPacked - floor(missingPacked * inverseRange) * countRange;
    const passes = missingRows > 0 ? 2 : 1;
    for (let pass = 0; pass < passes; pass++) {
      // First pass: missing values go right; second: left. Only the first can cut above the last bin.
      const lastBin = passes === 2 && pass === 0 ? bins : bins - 1;
      let packed = pass === 1 ? missingPacked : 0;
      let hessianUnits = pass === 1 ? missingHessian : 0;
      for (let bin = 1; bin <= lastBin; bin++) {
        const at = (first + bin) * width;
        packed += histogram[at];
        if (hasHessian) hessianUnits += histogram[at + 1];
        const units = floor(packed * inverseRange);
        const leftRows = packed - units * countRange;
        if (leftRows < minRows) continue;
        const rightRows = rows - leftRows;
        if (rightRows < minRows) break;
        const gl = units * gradientUnit;
        const hl = hasHessian ? hessianUnits * hessianUnit : leftRows;
        const gr = g - gl;
        const hr = h - hl;
        if (hl < MIN_HESSIAN || hr < MIN_HESSIAN) continue;
        const score = (gl * gl) / (hl + lambda) + (gr * gr) / (hr + lambda);
        if (score > bestScore) {
          bestScore = score;
          best.gain = score - unsplit;
          best.feature = feature;
          best.bin = bin;
          // Where no value was missing the larger side takes those that come later.
          best.missingLeft = passes === 2 ? pass === 1 : leftRows >= rightRows;
          best.leftPacked = packed;
          best.leftHessian = hessianUnits;
        }
      }
    }
  }
}
