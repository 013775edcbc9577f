import { expScore } from './objective.ts';
import { hasLogLink } from './params.ts';
import { plainScores } from './predict-plain.ts';
import { columnsByName, HIGHEST_FLOAT32 } from './predict-split.ts';
import type { Booster, FeatureColumns } from './types.ts';

const { max, min } = Math;

/**
 * Predicts every row on the response scale (a mean, or the quantile of a pinball booster). Columns are matched by
 * name, so their order is free and extra ones are ignored.
 * @throws InvalidInputError when a feature is missing
 */
export function predictBooster(booster: Booster, data: FeatureColumns): Float32Array {
  const scores = new Float64Array(data.rowCount);
  plainScores(booster, columnsByName(booster.featureNames, data), scores);
  const logLink = hasLogLink(booster.params.loss);
  const out = new Float32Array(data.rowCount);
  for (let row = 0; row < out.length; row++) {
    const response = logLink ? expScore(scores[row]) : scores[row];
    out[row] = max(-HIGHEST_FLOAT32, min(HIGHEST_FLOAT32, response));
  }
  return out;
}
