import { columnsByName, goesLeft } from '../gbdt/predict-split.ts';
import type { Booster, FeatureColumns, Forest } from '../gbdt/types.ts';
import { treePaths, type TreePaths } from './tree-paths.ts';

/** Contributions of features to the scores of rows, on the link scale (log for Poisson and Tweedie, logit for binary). */
export interface Contributions {
  readonly names: readonly string[];
  /** Mean score over the training rows: what a row would get of which nothing is known. */
  readonly baseValue: number;
  /** Row-major, `rowCount` × `names.length`; `baseValue` plus a row's entries is the row's score. */
  readonly values: Float64Array;
  readonly rowCount: number;
}

/**
 * Exact path-dependent SHAP values of every row: the Shapley values of the game in which an unknown feature sends a
 * row down both branches in proportion to the training rows (Lundberg, Erion and Lee 2018, "Consistent individualized
 * feature attribution for tree ensembles", algorithm 2).
 *
 * With u the leaf's value, o_j whether the row passes the leaf's edges of feature j, and r_j the share of training rows
 * that do, a leaf gives feature i  u (o_i − r_i) ∫₀¹ Π_{j≠i} (o_j t + r_j (1 − t)) dt,  because Shapley's weights are
 * ∫ t^s (1 − t)^(d−s−1) dt. Gauss–Legendre quadrature is exact for these polynomials, and the sums over leaves are shared
 * from the bottom up (Yu, Bifet, Read and Xu 2022, "Linear TreeSHAP"): nodes × depth / 2 steps a row and tree.
 * @throws InvalidInputError when `data` lacks a feature
 */
export function explainBooster(booster: Booster, data: FeatureColumns): Contributions {
  const { featureNames, forest } = booster;
  const columns = columnsByName(featureNames, data);
  const width = columns.length;
  const values = new Float64Array(data.rowCount * width);
  let baseValue = booster.baseScore;
  for (let tree = 0; tree + 1 < forest.treeStart.length; tree++) {
    const paths = treePaths(forest, tree);
    baseValue += paths.mean;
    if (paths.nodes > 1) addTree(forest, paths, columns, values);
  }
  return { names: featureNames, baseValue, values, rowCount: data.rowCount };
}

/** Adds one tree's contributions for all rows. */
function addTree(forest: Forest, paths: TreePaths, columns: readonly Float32Array[], values: Float64Array): void {
  const { start, nodes, parent, above, points } = paths;
  const { feature, left, right, value } = forest;
  const width = columns.length;
  const rowCount = values.length / width;
  /** 1 where the row passes the edge and all above it that ask the same feature. */
  const passes = new Uint8Array(nodes).fill(1);
  /** Product of the factors on the way to a node, then the sum of value × product over the leaves below. */
  const sums = new Float64Array(nodes * points);
  for (let row = 0; row < rowCount; row++) {
    sums.fill(1, 0, points);
    for (let node = 0; node < nodes; node++) {
      if (node > 0) multiplyDown(paths, passes, sums, node);
      const asked = feature[start + node];
      if (asked < 0) {
        const leafValue = value[start + node];
        for (let q = node * points; q < (node + 1) * points; q++) sums[q] *= leafValue;
        continue;
      }
      const taken = goesLeft(forest, start + node, columns[asked][row]);
      for (let side = 0; side < 2; side++) {
        const child = (side === 0 ? left[start + node] : right[start + node]) - start;
        const passed = taken === (side === 0) ? 1 : 0;
        passes[child] = above[child] < 0 ? passed : passed & passes[above[child]];
      }
    }
    const at = row * width;
    for (let node = nodes - 1; node > 0; node--) {
      const asked = feature[start + node];
      if (asked >= 0) addUp(sums, points, node, left[start + node] - start, right[start + node] - start);
      values[at + feature[start + parent[node]]] += edgeContribution(paths, passes, sums, node);
    }
  }
}

/** Product at the parent times the edge's factor, in place of the factor of an edge above of the same feature. */
function multiplyDown(
  { parent, above, points, hot, cold }: TreePaths,
  passes: Uint8Array,
  sums: Float64Array,
  node: number,
): void {
  const factor = passes[node] === 1 ? hot : cold;
  const to = node * points;
  const from = parent[node] * points;
  const replaced = above[node];
  if (replaced < 0) {
    for (let q = 0; q < points; q++) sums[to + q] = sums[from + q] * factor[to + q];
    return;
  }
  const old = passes[replaced] === 1 ? hot : cold;
  const oldAt = replaced * points;
  for (let q = 0; q < points; q++) {
    // A factor of 0 makes the product 0 for good: no training row passed there.
    sums[to + q] = old[oldAt + q] > 0 ? (sums[from + q] * factor[to + q]) / old[oldAt + q] : 0;
  }
}

function addUp(sums: Float64Array, points: number, node: number, leftChild: number, rightChild: number): void {
  const to = node * points;
  const a = leftChild * points;
  const b = rightChild * points;
  for (let q = 0; q < points; q++) sums[to + q] = sums[a + q] + sums[b + q];
}

/** What the leaves below an edge give its feature, less what the replaced edge above would wrongly claim of them. */
function edgeContribution(
  { above, share, points, hotInverse, coldInverse }: TreePaths,
  passes: Uint8Array,
  sums: Float64Array,
  edge: number,
): number {
  const at = edge * points;
  const inverse = passes[edge] === 1 ? hotInverse : coldInverse;
  let own = 0;
  for (let q = at; q < at + points; q++) own += inverse[q] * sums[q];
  own *= passes[edge] - share[edge];
  const replaced = above[edge];
  if (replaced < 0) return own;
  const oldInverse = passes[replaced] === 1 ? hotInverse : coldInverse;
  const oldAt = replaced * points;
  let claimed = 0;
  for (let q = 0; q < points; q++) claimed += oldInverse[oldAt + q] * sums[at + q];
  return own - claimed * (passes[replaced] - share[replaced]);
}
