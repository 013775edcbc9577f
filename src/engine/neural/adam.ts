import type { Weight } from './types.ts';

const { sqrt } = Math;
const FIRST = 0.9;
const SECOND = 0.999;
const EPSILON = 1e-7;

/** State of an optimisation: moving means of gradients and their squares, one pair a weight. */
export interface Adam {
  readonly first: readonly Float32Array[];
  readonly second: readonly Float32Array[];
  taken: number;
}

/** A fresh state for weights. */
export function createAdam(weights: readonly Weight[]): Adam {
  const zeros = () => weights.map(({ values }) => new Float32Array(values.length));
  return { first: zeros(), second: zeros(), taken: 0 };
}

/**
 * One step of AdamW, in place: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019). Biases do not
 * decay. Weights live in plain arrays, as every back end loses more by a dozen small kernels a weight than by a copy.
 */
export function adamStep(
  state: Adam,
  weights: readonly Weight[],
  gradients: readonly Float32Array[],
  rate: number,
  decay: number,
): void {
  state.taken++;
  const scale = rate * (sqrt(1 - SECOND ** state.taken) / (1 - FIRST ** state.taken));
  for (let w = 0; w < weights.length; w++) {
    const { values, shape } = weights[w];
    const gradient = gradients[w];
    const first = state.first[w];
    const second = state.second[w];
    const keep = shape[0] > 1 ? 1 - rate * decay : 1;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      const m = FIRST * first[i] + (1 - FIRST) * g;
      const v = SECOND * second[i] + (1 - SECOND) * g * g;
      first[i] = m;
      second[i] = v;
      values[i] = keep * values[i] - (scale * m) / (sqrt(v) + EPSILON);
    }
  }
}

/** Moves averaged weights towards the present ones, in place. @param share weight of the past */
export function averageWeights(average: readonly Weight[], weights: readonly Weight[], share: number): void {
  for (let w = 0; w < weights.length; w++) {
    const mean = average[w].values;
    const { values } = weights[w];
    for (let i = 0; i < values.length; i++) mean[i] = share * mean[i] + (1 - share) * values[i];
  }
}
