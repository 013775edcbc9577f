import { InvalidInputError } from '../errors.ts';
import { expScore } from './objective.ts';
import { hasLogLink } from './params.ts';
import type { Booster, FeatureColumns } from './types.ts';

/** Rows walked together through one tree: their values and the tree both stay in the first-level cache. */
const BLOCK_ROWS = 64;
const HIGHEST_FLOAT32 = 3.4028234663852886e38;

/** For each feature of the booster its column in `data`, found by name. */
function columnsFor(booster: Booster, data: FeatureColumns): Float32Array[] {
  const position = new Map(data.names.map((name, i) => [name, i]));
  return booster.featureNames.map((name) => {
    const column = data.columns[position.get(name) ?? -1];
    if (column === undefined) throw new InvalidInputError(`data lacks the feature ${name}`);
    if (column.length !== data.rowCount)
      throw new InvalidInputError(`feature ${name} must have ${data.rowCount} entries`);
    return column;
  });
}

/**
 * Predicts every row on the response scale (a mean, or the quantile of a pinball booster). Columns are matched by
 * name, so their order is free and extra ones are ignored.
 * @throws InvalidInputError when a feature is missing
 */
export function predictBooster(booster: Booster, data: FeatureColumns): Float32Array {
  const columns = columnsFor(booster, data);
  const { treeStart, feature, threshold, missingLeft, left, right, value } = booster.forest;
  const width = columns.length;
  const trees = treeStart.length - 1;
  const logLink = hasLogLink(booster.params.loss);
  const block = new Float32Array(BLOCK_ROWS * width);
  const scores = new Float64Array(BLOCK_ROWS);
  const out = new Float32Array(data.rowCount);
  for (let begin = 0; begin < data.rowCount; begin += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, data.rowCount - begin);
    for (let f = 0; f < width; f++) {
      const column = columns[f];
      for (let i = 0, at = f; i < rows; i++, at += width) {
        const v = column[begin + i];
        block[at] = Math.abs(v) <= HIGHEST_FLOAT32 ? v : NaN;
      }
    }
    scores.fill(booster.baseScore);
    for (let t = 0; t < trees; t++) {
      const root = treeStart[t];
      for (let i = 0; i < rows; i++) {
        const at = i * width;
        let node = root;
        let f = feature[node];
        while (f >= 0) {
          const v = block[at + f];
          // A missing value compares false with everything, itself included.
          const goesLeft = v <= threshold[node] || (v !== v && missingLeft[node] === 1);
          node = goesLeft ? left[node] : right[node];
          f = feature[node];
        }
        scores[i] += value[node];
      }
    }
    for (let i = 0; i < rows; i++) {
      const response = logLink ? expScore(scores[i]) : scores[i];
      out[begin + i] = Math.max(-HIGHEST_FLOAT32, Math.min(HIGHEST_FLOAT32, response));
    }
  }
  return out;
}
