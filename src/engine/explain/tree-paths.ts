import type { Forest } from '../gbdt/types.ts';
import { gaussLegendre } from './quadrature.ts';

/**
 * What does not depend on the row, for one tree. Node 0 is the root; an edge is named by the node it leads to. Of the
 * edges on a path that ask the same feature, only the deepest counts: it stands for all of them.
 */
export interface TreePaths {
  /** First node of the tree in the forest. */
  readonly start: number;
  readonly nodes: number;
  /** Parent of a node within the tree, -1 for the root. */
  readonly parent: Int32Array;
  /** Nearest edge above that asks the same feature, -1 if there is none. */
  readonly above: Int32Array;
  /** Share of training rows that pass this edge and all above it that ask the same feature, were only these asked. */
  readonly share: Float64Array;
  /** Quadrature points. */
  readonly points: number;
  /** Per edge and point, the edge's factor: first for rows that pass it, then for rows that do not. */
  readonly hot: Float64Array;
  readonly cold: Float64Array;
  /** Quadrature weight divided by the edge's factor; 0 where the factor is 0. */
  readonly hotInverse: Float64Array;
  readonly coldInverse: Float64Array;
  /** Prediction of the tree averaged over its training rows. */
  readonly mean: number;
}

/** Lays out tree `tree` of the forest; see {@link TreePaths}. */
export function treePaths({ treeStart, feature, left, right, value, cover }: Forest, tree: number): TreePaths {
  const start = treeStart[tree];
  const nodes = treeStart[tree + 1] - start;
  const parent = new Int32Array(nodes).fill(-1);
  const above = new Int32Array(nodes).fill(-1);
  const share = new Float64Array(nodes).fill(1);
  const reach = new Float64Array(nodes).fill(1);
  const distinct = new Int32Array(nodes);
  let deepest = 1;
  let mean = 0;
  for (let node = 0; node < nodes; node++) {
    const asked = feature[start + node];
    if (asked < 0) {
      mean += reach[node] * value[start + node];
      continue;
    }
    let same = node;
    while (same > 0 && feature[start + parent[same]] !== asked) same = parent[same];
    for (const forestChild of [left[start + node], right[start + node]]) {
      const child = forestChild - start;
      const ratio = cover[start + node] > 0 ? cover[forestChild] / cover[start + node] : 0.5;
      parent[child] = node;
      above[child] = same > 0 ? same : -1;
      share[child] = (same > 0 ? share[same] : 1) * ratio;
      reach[child] = reach[node] * ratio;
      distinct[child] = distinct[node] + (same > 0 ? 0 : 1);
      if (distinct[child] > deepest) deepest = distinct[child];
    }
  }
  return { start, nodes, parent, above, share, mean, ...edgeFactors(share, deepest) };
}

/** The integrand is a polynomial of degree `deepest` − 1. */
function edgeFactors(
  share: Float64Array,
  deepest: number,
): Pick<TreePaths, 'points' | 'hot' | 'cold' | 'hotInverse' | 'coldInverse'> {
  const count = Math.ceil(deepest / 2);
  const { points, weights } = gaussLegendre(count);
  const size = share.length * count;
  const hot = new Float64Array(size);
  const cold = new Float64Array(size);
  const hotInverse = new Float64Array(size);
  const coldInverse = new Float64Array(size);
  for (let edge = 0, at = 0; edge < share.length; edge++) {
    for (let q = 0; q < count; q++, at++) {
      cold[at] = share[edge] * (1 - points[q]);
      hot[at] = points[q] + cold[at];
      hotInverse[at] = weights[q] / hot[at];
      coldInverse[at] = cold[at] > 0 ? weights[q] / cold[at] : 0;
    }
  }
  return { points: count, hot, cold, hotInverse, coldInverse };
}
