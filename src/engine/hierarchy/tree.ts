import { InvalidInputError } from '../errors.ts';

/** A partition of the bottom series into the nodes of one level. */
export interface HierarchyLevel {
  readonly name: string;
  /** Node of each bottom series, 0..count-1. */
  readonly nodeOf: Int32Array;
  readonly count: number;
}

/**
 * Bottom series and any number of levels above them, nested or crossed. Nodes are numbered level by level in the order
 * given, the bottom series last; an array over nodes holds row `n`, period `h` at `n * horizon + h`.
 */
export interface Hierarchy {
  readonly levels: readonly HierarchyLevel[];
  /** First node of each level. */
  readonly levelStart: readonly number[];
  /** Nodes above the bottom; also the number of the first bottom node. */
  readonly upperCount: number;
  readonly bottomCount: number;
}

/** @throws InvalidInputError if a level does not place every bottom series in one of its nodes */
export function createHierarchy(levels: readonly HierarchyLevel[], bottomCount: number): Hierarchy {
  const levelStart: number[] = [];
  let upperCount = 0;
  for (const { name, nodeOf, count } of levels) {
    if (nodeOf.length !== bottomCount || nodeOf.some((node) => node < 0 || node >= count))
      throw new InvalidInputError(
        `Level ${name} must place each of ${bottomCount} series in one of its ${count} nodes`,
      );
    levelStart.push(upperCount);
    upperCount += count;
  }
  return { levels, levelStart, upperCount, bottomCount };
}

/** Sums of the bottom rows in every upper node, `[upperCount * width]`: C b, with S = [C; I]. */
export function sumsAbove(hierarchy: Hierarchy, bottom: ArrayLike<number>, width: number): Float64Array {
  const sums = new Float64Array(hierarchy.upperCount * width);
  hierarchy.levels.forEach(({ nodeOf }, l) => {
    const start = hierarchy.levelStart[l];
    for (let s = 0; s < nodeOf.length; s++) {
      const to = (start + nodeOf[s]) * width;
      for (let h = 0; h < width; h++) sums[to + h] += bottom[s * width + h];
    }
  });
  return sums;
}

/** Sums over the upper nodes above each bottom series, `[bottomCount * width]`: Cᵀ v. */
export function sumsBelow(hierarchy: Hierarchy, upper: ArrayLike<number>, width: number): Float64Array {
  const sums = new Float64Array(hierarchy.bottomCount * width);
  hierarchy.levels.forEach(({ nodeOf }, l) => {
    const start = hierarchy.levelStart[l];
    for (let s = 0; s < nodeOf.length; s++) {
      const from = (start + nodeOf[s]) * width;
      for (let h = 0; h < width; h++) sums[s * width + h] += upper[from + h];
    }
  });
  return sums;
}

/** Coherent forecasts of all nodes from those of the bottom series: S b. */
export function bottomUp(hierarchy: Hierarchy, bottom: ArrayLike<number>, horizon: number): Float64Array {
  const all = new Float64Array((hierarchy.upperCount + hierarchy.bottomCount) * horizon);
  all.set(sumsAbove(hierarchy, bottom, horizon));
  all.set(bottom, hierarchy.upperCount * horizon);
  return all;
}

/**
 * Splits the forecasts of one level's nodes over their bottom series in proportion to a shape: past shares (one value
 * per series) or forecasts of the series (one value per series and period). A node whose shape is 0 everywhere is split
 * evenly.
 * @param node `[count * horizon]`
 * @param shape non-negative, `[bottomCount]` or `[bottomCount * horizon]`
 * @returns bottom forecasts `[bottomCount * horizon]`
 */
export function topDown(
  { nodeOf, count }: HierarchyLevel,
  node: ArrayLike<number>,
  shape: ArrayLike<number>,
  horizon: number,
): Float64Array {
  const perPeriod = shape.length !== nodeOf.length;
  if (perPeriod && shape.length !== nodeOf.length * horizon)
    throw new InvalidInputError('A shape has one value per series, or one per series and period');
  const shapeAt = (s: number, h: number) => (perPeriod ? shape[s * horizon + h] : shape[s]);
  const total = new Float64Array(count * horizon);
  const members = new Float64Array(count);
  for (let s = 0; s < nodeOf.length; s++) {
    members[nodeOf[s]]++;
    for (let h = 0; h < horizon; h++) total[nodeOf[s] * horizon + h] += shapeAt(s, h);
  }
  const bottom = new Float64Array(nodeOf.length * horizon);
  for (let s = 0; s < nodeOf.length; s++)
    for (let h = 0; h < horizon; h++) {
      const at = nodeOf[s] * horizon + h;
      const share = total[at] > 0 ? shapeAt(s, h) / total[at] : 1 / members[nodeOf[s]];
      bottom[s * horizon + h] = node[at] * share;
    }
  return bottom;
}
