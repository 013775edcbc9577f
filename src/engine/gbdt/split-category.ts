import { boundedValue, leastUnits, valueScore } from './split-rules.ts';
import type { LeafHistogram, LeafSums, Split, SplitRules } from './split-rules.ts';

/** Extra L2 penalty of cuts by category, which choose among far more cuts than a threshold does. */
const CATEGORY_L2 = 10;

/**
 * Best cut of one feature into a set of categories (left) and the rest, with missing, rare and unseen ones (right).
 * Categories sorted by gradient / (hessian + smoothing) are cut as if they were ordered, from both ends: Fisher (1958)
 * shows that the best set is among these for convex losses. Categories with fewer rows than the smoothing stay right.
 * @param unsplit score of the leaf left whole
 * @param start gain to surpass
 */
export function scanCategories(
  histogram: LeafHistogram,
  feature: number,
  leaf: LeafSums,
  rules: SplitRules,
  unsplit: number,
  start: number,
  best: Split,
): void {
  const { cells, first, bins } = histogram;
  const { gradientUnit, hessianUnit, categorySmoothing } = rules;
  const least = leastUnits(leaf, rules);
  const perRow = leaf.hessian / leaf.count;
  const smoothing = categorySmoothing * (rules.hasHessian ? perRow * hessianUnit : 1);
  const fewest = Math.max(1, categorySmoothing * perRow);
  const order: number[] = [];
  const rank = new Float64Array(bins + 1);
  for (let bin = 1; bin <= bins; bin++) {
    const hessian = cells[2 * (first + bin)] >>> 0;
    if (hessian < fewest) continue;
    rank[bin] = (cells[2 * (first + bin) + 1] * gradientUnit) / (hessian * hessianUnit + smoothing);
    order.push(bin);
  }
  order.sort((a, b) => rank[a] - rank[b] || a - b);
  const penalised = { ...rules, lambdaL2: rules.lambdaL2 + CATEGORY_L2 };
  const g = leaf.gradient * gradientUnit;
  const h = leaf.hessian * hessianUnit;
  let bestGain = start;
  let taken = 0;
  let fromTop = false;
  for (const top of [false, true]) {
    let sumG = 0;
    let sumH = 0;
    for (let i = 0; i < order.length; i++) {
      const at = 2 * (first + order[top ? order.length - 1 - i : i]);
      sumH += cells[at] >>> 0;
      sumG += cells[at + 1];
      if (sumH < least) continue;
      if (leaf.hessian - sumH < least) break;
      const gl = sumG * gradientUnit;
      const hl = sumH * hessianUnit;
      const left = boundedValue(gl, hl, penalised, leaf.lower, leaf.upper);
      const right = boundedValue(g - gl, h - hl, penalised, leaf.lower, leaf.upper);
      const score = valueScore(gl, hl, penalised, left) + valueScore(g - gl, h - hl, penalised, right);
      const gain = score - unsplit;
      if (gain > bestGain) {
        bestGain = gain;
        best.gain = gain;
        best.feature = feature;
        best.bin = 0;
        best.missingLeft = false;
        best.leftGradient = sumG;
        best.leftHessian = sumH;
        taken = i + 1;
        fromTop = top;
      }
    }
  }
  if (taken === 0) return;
  best.table.fill(0);
  for (const bin of fromTop ? order.slice(-taken) : order.slice(0, taken)) best.table[bin] = 1;
}
