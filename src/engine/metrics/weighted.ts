import { InvalidInputError } from '../errors.ts';
import type { HierarchyLevel } from '../hierarchy/tree.ts';
import type { Measure, Numbers } from './point.ts';
import { pinballLoss } from './quantile.ts';

/** A level whose nodes are scored; the bottom series themselves are the level in which each is a node of its own. */
export type ScoringLevel = HierarchyLevel;

/** Past sales of the bottom series, series-major. */
export interface ScoringHistory {
  /** Value of series `s` in period `t` at `s * stride + t`; NaN (not on sale) counts as 0. */
  readonly values: Numbers;
  readonly stride: number;
  /** Periods before the forecast's origin; later ones are not read. */
  readonly length: number;
}

/** What the errors of one level are divided by and weighted with; depends on the history alone. */
export interface LevelScales {
  readonly level: ScoringLevel;
  /** Share of each node in the weight of its level; adds up to 1 if there is any weight. */
  readonly weight: Float64Array;
  /** Mean squared one-step difference from the node's first non-zero sale on; NaN where undefined. */
  readonly squared: Float64Array;
  /** Mean absolute one-step difference over the same periods; NaN where undefined. */
  readonly absolute: Float64Array;
}

/** Scores of a forecast on every level and their plain mean. */
export interface WeightedScore {
  readonly mean: Measure;
  readonly byLevel: readonly Measure[];
}

/**
 * Scales and weights of WRMSSE and WSPL (M5 competition guide) for any hierarchy. Compute them once per origin, then
 * score as many forecasts as needed.
 * @param weights of the bottom series; in M5 their revenue over the last 28 days of the history
 * @throws InvalidInputError if a level does not name a node for every series
 */
export function scoringScales(
  history: ScoringHistory,
  levels: readonly ScoringLevel[],
  weights: Numbers,
): LevelScales[] {
  const { values, stride, length } = history;
  const seriesCount = weights.length;
  let total = 0;
  for (let s = 0; s < seriesCount; s++) total += weights[s];
  for (const { name, nodeOf } of levels)
    if (nodeOf.length !== seriesCount)
      throw new InvalidInputError(`Level ${name} must name a node for each of ${seriesCount} series`);
  // From fine to coarse, so that a coarse level is summed from the smallest finer one and not from all series again.
  const fineFirst = levels.map((_, index) => index).sort((a, b) => levels[b].count - levels[a].count || a - b);
  const scales = new Array<LevelScales>(levels.length);
  const summed: { level: ScoringLevel; sums: Float64Array }[] = [];
  for (const index of fineFirst) {
    const level = levels[index];
    const weight = new Float64Array(level.count);
    for (let s = 0; s < seriesCount; s++) weight[level.nodeOf[s]] += total > 0 ? weights[s] / total : 0;
    let sums: Float64Array | null = null;
    for (let i = summed.length - 1; i >= 0 && sums === null; i--) {
      const nested = nestedIn(level, summed[i].level);
      if (nested !== null) sums = sumByNode(summed[i].sums, length, length, nested);
    }
    sums ??= sumByNode(values, stride, length, level);
    // The finest levels would hold a copy of the history each.
    if (level.count <= seriesCount / 2) summed.push({ level, sums });
    scales[index] = { level, weight, ...differences(sums, length, level.count) };
  }
  return scales;
}

/** Mean squared and mean absolute one-step differences of every row from its first non-zero value on. */
function differences(sums: Float64Array, length: number, count: number): Pick<LevelScales, 'squared' | 'absolute'> {
  const squared = new Float64Array(count).fill(NaN);
  const absolute = new Float64Array(count).fill(NaN);
  for (let node = 0; node < count; node++) {
    const end = (node + 1) * length;
    let start = node * length;
    while (start < end && sums[start] === 0) start++;
    const pairs = end - start - 1;
    if (pairs < 1) continue;
    let squares = 0;
    let sizes = 0;
    for (let i = start + 1; i < end; i++) {
      const step = sums[i] - sums[i - 1];
      squares += step * step;
      sizes += step < 0 ? -step : step;
    }
    squared[node] = squares / pairs;
    absolute[node] = sizes / pairs;
  }
  return { squared, absolute };
}

/** The coarse level as a partition of the nodes of a finer one; null where it cuts through one of them. */
function nestedIn(coarse: ScoringLevel, fine: ScoringLevel): ScoringLevel | null {
  if (coarse.count > fine.count) return null;
  const nodeOf = new Int32Array(fine.count).fill(-1);
  for (let s = 0; s < fine.nodeOf.length; s++) {
    const node = fine.nodeOf[s];
    if (nodeOf[node] === -1) nodeOf[node] = coarse.nodeOf[s];
    else if (nodeOf[node] !== coarse.nodeOf[s]) return null;
  }
  return { name: coarse.name, nodeOf, count: coarse.count };
}

/**
 * Weighted root mean squared scaled error of bottom forecasts summed up every level (M5 accuracy). A node without a
 * scale drops out with its weight; a bottom period whose actual is NaN counts neither as sold nor as forecast.
 * @param actual bottom series `[seriesCount * horizon]`
 * @param forecast of the same shape
 */
export function weightedRmsse(
  scales: readonly LevelScales[],
  actual: Numbers,
  forecast: Numbers,
  horizon: number,
): WeightedScore {
  const error = new Float64Array(actual.length);
  for (let i = 0; i < error.length; i++) error[i] = actual[i] - forecast[i];
  return scoreLevels(scales, ({ level, squared }, score) => {
    const errors = sumByNode(error, horizon, horizon, level);
    for (let node = 0; node < level.count; node++) {
      let sum = 0;
      for (let h = 0; h < horizon; h++) sum += errors[node * horizon + h] ** 2;
      score[node] = Math.sqrt(sum / horizon / squared[node]);
    }
  });
}

/**
 * Weighted scaled pinball loss (M5 uncertainty): the mean pinball loss over periods and quantiles, not doubled, over
 * the mean absolute one-step difference of the node.
 * @param actual bottom series `[seriesCount * horizon]`, NaN as 0
 * @param quantiles per level one array per quantile of its nodes, `[count * horizon]`
 * @param probabilities of the quantiles, in their order
 */
export function weightedPinball(
  scales: readonly LevelScales[],
  actual: Numbers,
  quantiles: readonly (readonly Numbers[])[],
  probabilities: readonly number[],
  horizon: number,
): WeightedScore {
  return scoreLevels(scales, ({ level, absolute }, score, index) => {
    const sold = sumByNode(actual, horizon, horizon, level);
    for (let node = 0; node < level.count; node++) {
      let sum = 0;
      for (let q = 0; q < probabilities.length; q++)
        for (let i = node * horizon; i < (node + 1) * horizon; i++)
          sum += pinballLoss(sold[i], quantiles[index][q][i], probabilities[q]);
      score[node] = sum / horizon / probabilities.length / absolute[node];
    }
  });
}

/** Sums rows of bottom series by node, `[count * length]`; NaN counts as 0. */
export function sumByNode(values: Numbers, stride: number, length: number, level: ScoringLevel): Float64Array {
  const { nodeOf, count } = level;
  const sums = new Float64Array(count * length);
  for (let s = 0; s < nodeOf.length; s++) {
    const from = s * stride;
    const to = nodeOf[s] * length;
    for (let t = 0; t < length; t++) {
      const value = values[from + t];
      if (value === value) sums[to + t] += value;
    }
  }
  return sums;
}

function scoreLevels(
  scales: readonly LevelScales[],
  fill: (scale: LevelScales, score: Float64Array, index: number) => void,
): WeightedScore {
  const byLevel = scales.map((scale, index): Measure => {
    const score = new Float64Array(scale.level.count);
    fill(scale, score, index);
    let sum = 0;
    let total = 0;
    for (let node = 0; node < score.length; node++) {
      // A node that never sold has no scale, one that never moved a scale of 0.
      if (!Number.isFinite(score[node])) continue;
      sum += scale.weight[node] * score[node];
      total += scale.weight[node];
    }
    return total > 0 ? sum / total : null;
  });
  const known = byLevel.filter((score) => score !== null);
  return { byLevel, mean: known.length > 0 ? known.reduce((sum, score) => sum + score, 0) / known.length : null };
}
