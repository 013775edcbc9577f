import { expScore } from './objective.ts';
import { linkOf } from './params.ts';
import { addForestScores } from './predict-kernel.ts';
import { layOutForests, type ForestLayout } from './predict-layout.ts';
import { addPlainScores } from './predict-plain.ts';
import { columnsByName, HIGHEST_FLOAT32 } from './predict-split.ts';
import type { Booster, FeatureColumns } from './types.ts';

const { max, min } = Math;

/** Below so many rows laying a forest out costs more than it saves. */
const FEW_ROWS = 64;

/** Layouts by the first booster of a list; null: the list does not fit the kernel. */
const layouts = new WeakMap<Booster, { boosters: readonly Booster[]; layout: ForestLayout | null }>();

function layoutOf(boosters: readonly Booster[]): ForestLayout | null {
  const known = layouts.get(boosters[0]);
  if (known?.boosters.length === boosters.length && known.boosters.every((booster, i) => booster === boosters[i]))
    return known.layout;
  const layout = layOutForests(boosters);
  layouts.set(boosters[0], { boosters: [...boosters], layout });
  return layout;
}

/** Scores on the link scale of boosters with the same features. */
function scoresOf(boosters: readonly Booster[], data: FeatureColumns): Float64Array[] {
  const columns = columnsByName(boosters[0].featureNames, data);
  const scores = boosters.map((booster) => new Float64Array(data.rowCount).fill(booster.baseScore));
  const layout = data.rowCount < FEW_ROWS ? null : layoutOf(boosters);
  if (layout === null || !addForestScores(layout, columns, scores))
    boosters.forEach((booster, i) => addPlainScores(booster.forest, columns, scores[i]));
  return scores;
}

function responses(booster: Booster, scores: Float64Array): Float32Array {
  const link = linkOf(booster.params.loss);
  const out = new Float32Array(scores.length);
  for (let row = 0; row < out.length; row++) {
    const score = scores[row];
    const response = link === 'identity' ? score : link === 'log' ? expScore(score) : 1 / (1 + expScore(-score));
    out[row] = max(-HIGHEST_FLOAT32, min(HIGHEST_FLOAT32, response));
  }
  return out;
}

/**
 * Predicts every row on the response scale (a mean, the quantile of a pinball booster, or the probability of a
 * binary one). Columns are matched by
 * name, so their order is free and extra ones are ignored.
 * @throws InvalidInputError when a feature is missing
 */
export function predictBooster(booster: Booster, data: FeatureColumns): Float32Array {
  return responses(booster, scoresOf([booster], data)[0]);
}

/**
 * Predicts the same rows with several boosters, each as {@link predictBooster} would. Boosters that were trained on the
 * same features share the preparation of the rows.
 * @throws InvalidInputError when a feature is missing
 */
export function predictBoosters(boosters: readonly Booster[], data: FeatureColumns): Float32Array[] {
  if (boosters.length === 0) return [];
  const names = boosters[0].featureNames;
  const alike = boosters.every(
    ({ featureNames }) => featureNames.length === names.length && featureNames.every((name, i) => name === names[i]),
  );
  // Together boosters may have too many thresholds for the kernel while each alone has few enough.
  if (!alike || (data.rowCount >= FEW_ROWS && boosters.length > 1 && layoutOf(boosters) === null))
    return boosters.map((booster) => predictBooster(booster, data));
  return scoresOf(boosters, data).map((scores, i) => responses(boosters[i], scores));
}
