import type { TrainKernel } from './kernel/train-operations.ts';
import { scanCategories } from './split-category.ts';
import { boundedValue, leastUnits, valueScore } from './split-rules.ts';
import type { LeafHistogram, LeafSums, Split, SplitRules } from './split-rules.ts';

/** A cut between two bins, as {@link TrainKernel.scanThresholds} writes it down. */
const FOUND_DOUBLES = 5;

/** Where a thread's kernel finds the histograms and puts what it finds. */
export interface ScanPlace {
  readonly kernel: TrainKernel;
  /** Address of slot 0 of the histograms. */
  readonly slots: number;
  readonly found: number;
  readonly foundCells: Float64Array;
}

/** @param found address with room for a cut */
export function scanPlace(
  kernel: TrainKernel,
  buffer: ArrayBuffer | SharedArrayBuffer,
  slots: number,
  found: number,
): ScanPlace {
  return { kernel, slots, found, foundCells: new Float64Array(buffer, found, FOUND_DOUBLES) };
}

/**
 * Replaces `best` by the best cut on one feature if that is strictly better. Bins are visited in order and only a
 * better cut replaces the one held, so ties always fall the same way.
 */
export function scanFeature(
  place: ScanPlace,
  histogram: LeafHistogram,
  feature: number,
  isCategory: boolean,
  leaf: LeafSums,
  rules: SplitRules,
  best: Split,
): void {
  const { gradientUnit, hessianUnit, lambdaL1, lambdaL2, monotone } = rules;
  const { gradient, hessian } = leaf;
  const g = gradient * gradientUnit;
  const h = hessian * hessianUnit;
  const unsplit = valueScore(g, h, rules, boundedValue(g, h, rules, leaf.lower, leaf.upper));
  // A gain below the rounding of the sums themselves is no gain.
  const start = best.feature >= 0 ? best.gain : Math.abs(unsplit) * 1e-12 + rules.minGain;
  if (isCategory) {
    scanCategories(histogram, feature, leaf, rules, unsplit, start, best);
    return;
  }
  const least = leastUnits(leaf, rules);
  const isFound =
    lambdaL1 === 0 && monotone === null
      ? place.kernel.scanThresholds(
          place.slots + 8 * histogram.first,
          histogram.bins,
          gradient,
          hessian,
          gradientUnit,
          hessianUnit,
          lambdaL2,
          least,
          unsplit,
          start,
          place.found,
        ) === 1
      : scanBounded(place.foundCells, histogram, feature, leaf, rules, least, unsplit, start);
  if (!isFound) return;
  const [gain, bin, missingLeft, leftGradient, leftHessian] = place.foundCells;
  Object.assign(best, { gain, feature, bin, missingLeft: missingLeft === 1, leftGradient, leftHessian });
  best.table.fill(0).fill(1, 1, bin + 1);
  best.table[0] = missingLeft;
}

/** As {@link TrainKernel.scanThresholds}, with an L1 penalty and the bounds of monotone features. */
function scanBounded(
  found: Float64Array,
  { cells, first, bins }: LeafHistogram,
  feature: number,
  leaf: LeafSums,
  rules: SplitRules,
  least: number,
  unsplit: number,
  start: number,
): boolean {
  const { gradientUnit, hessianUnit, monotone } = rules;
  const { gradient, hessian } = leaf;
  const direction = monotone === null ? 0 : monotone[feature];
  const missingG = cells[2 * first + 1];
  const missingH = cells[2 * first] >>> 0;
  const hasMissing = missingH > 0 || missingG !== 0;
  let bestGain = start;
  for (let pass = 0; pass < (hasMissing ? 2 : 1); pass++) {
    const lastBin = hasMissing && pass === 0 ? bins : bins - 1;
    let sumG = pass === 1 ? missingG : 0;
    let sumH = pass === 1 ? missingH : 0;
    for (let bin = 1, at = 2 * (first + 1); bin <= lastBin; bin++, at += 2) {
      const cellH = cells[at] >>> 0;
      if (cellH === 0 && cells[at + 1] === 0) continue;
      sumH += cellH;
      sumG += cells[at + 1];
      if (sumH < least) continue;
      if (hessian - sumH < least) break;
      const gl = sumG * gradientUnit;
      const hl = sumH * hessianUnit;
      const gr = gradient * gradientUnit - gl;
      const hr = hessian * hessianUnit - hl;
      const left = boundedValue(gl, hl, rules, leaf.lower, leaf.upper);
      const right = boundedValue(gr, hr, rules, leaf.lower, leaf.upper);
      if ((right - left) * direction < 0) continue;
      const gain = valueScore(gl, hl, rules, left) + valueScore(gr, hr, rules, right) - unsplit;
      if (gain > bestGain) {
        bestGain = gain;
        const missingLeft = hasMissing ? pass : 2 * sumH >= hessian ? 1 : 0;
        found.set([gain, bin, missingLeft, sumG, sumH]);
      }
    }
  }
  return bestGain > start;
}
