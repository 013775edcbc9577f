import { scanCategories } from './split-category.ts';
import { boundedValue, leastUnits, valueScore } from './split-rules.ts';
import type { LeafHistogram, LeafSums, Split, SplitRules } from './split-rules.ts';

/**
 * Replaces `best` by the best cut on one feature if that is strictly better. Bins are visited in order and only a
 * better cut replaces the one held, so ties always fall the same way.
 */
export function scanFeature(
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
  const { cells, first, bins } = histogram;
  const least = leastUnits(leaf, rules);
  const simple = lambdaL1 === 0 && monotone === null;
  const direction = monotone === null ? 0 : monotone[feature];
  const missingG = cells[2 * first + 1];
  const missingH = cells[2 * first] >>> 0;
  const hasMissing = missingH > 0 || missingG !== 0;
  let bestGain = start;
  for (let pass = 0; pass < (hasMissing ? 2 : 1); pass++) {
    // First pass: missing values go right; second: left. Only the first can cut above the last bin.
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
      const gr = g - gl;
      const hr = h - hl;
      let score: number;
      if (simple) score = (gl * gl) / (hl + lambdaL2) + (gr * gr) / (hr + lambdaL2);
      else {
        const left = boundedValue(gl, hl, rules, leaf.lower, leaf.upper);
        const right = boundedValue(gr, hr, rules, leaf.lower, leaf.upper);
        if ((right - left) * direction < 0) continue;
        score = valueScore(gl, hl, rules, left) + valueScore(gr, hr, rules, right);
      }
      const gain = score - unsplit;
      if (gain > bestGain) {
        bestGain = gain;
        best.gain = gain;
        best.feature = feature;
        best.bin = bin;
        // Where no value was missing the larger side takes those that come later.
        best.missingLeft = hasMissing ? pass === 1 : 2 * sumH >= hessian;
        best.leftGradient = sumG;
        best.leftHessian = sumH;
      }
    }
  }
  if (best.feature === feature && best.bin > 0) {
    best.table.fill(0).fill(1, 1, best.bin + 1);
    best.table[0] = best.missingLeft ? 1 : 0;
  }
}
