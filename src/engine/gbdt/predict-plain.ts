import { HIGHEST_FLOAT32, inCategorySet } from './predict-split.ts';
import type { Forest } from './types.ts';

const { abs, min } = Math;

/** Rows walked together through one tree: their values and the tree both stay in the first-level cache. */
const BLOCK_ROWS = 64;

/**
 * Adds the trees to the score of every row, walking each node by node: the reference for the compiled kernel, and the
 * path for forests that it cannot hold or for few rows.
 * @param columns one per feature of the booster, NaN and infinite = missing
 * @param scores one entry a row, holding the base score
 */
export function addPlainScores(forest: Forest, columns: readonly Float32Array[], scores: Float64Array): void {
  const { treeStart, feature, threshold, missingLeft, left, right, value, categoryAt, categoryBits } = forest;
  const width = columns.length;
  const trees = treeStart.length - 1;
  const block = new Float32Array(BLOCK_ROWS * width);
  for (let begin = 0; begin < scores.length; begin += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, scores.length - begin);
    for (let f = 0; f < width; f++) {
      const column = columns[f];
      for (let i = 0, at = f; i < rows; i++, at += width) {
        const v = column[begin + i];
        block[at] = abs(v) <= HIGHEST_FLOAT32 ? v : NaN;
      }
    }
    for (let t = 0; t < trees; t++) {
      const root = treeStart[t];
      for (let i = 0; i < rows; i++) {
        const at = i * width;
        let node = root;
        let f = feature[node];
        while (f >= 0) {
          const v = block[at + f];
          let goesLeft: boolean;
          // A missing value compares false with everything, itself included.
          if (v !== v) goesLeft = missingLeft[node] === 1;
          else if (categoryAt[node] < 0) goesLeft = v <= threshold[node];
          else goesLeft = inCategorySet(categoryBits, categoryAt[node], v);
          node = goesLeft ? left[node] : right[node];
          f = feature[node];
        }
        scores[begin + i] += value[node];
      }
    }
  }
}
