import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorLibrary } from './tensor-library.ts';

/** Weights of a cell of `u` units that reads `n` numbers: `[n, 4u]`, `[u, 4u]`, `[1, 4u]`; gates in the order i, f, g, o. */
export interface LstmWeights {
  readonly input: Tensor2D;
  readonly recurrent: Tensor2D;
  readonly bias: Tensor2D;
}

/** Output and memory of a cell, `[batch, u]` each. */
export interface LstmState {
  readonly output: Tensor2D;
  readonly memory: Tensor2D;
}

/**
 * One step of a long short-term memory with a forget gate.
 * Source: F. A. Gers, J. Schmidhuber, F. Cummins, "Learning to Forget", Neural Computation 12 (2000).
 * @param x `[batch, n]`
 */
export function lstmStep(tf: TensorLibrary, weights: LstmWeights, state: LstmState, x: Tensor2D): LstmState {
  const sums = tf.add(
    tf.add(tf.matMul(x, weights.input), tf.matMul(state.output, weights.recurrent)),
    weights.bias,
  ) as Tensor2D;
  const [input, forget, candidate, output] = tf.split(sums, 4, 1);
  const memory = tf.add(
    tf.mul(tf.sigmoid(forget), state.memory),
    tf.mul(tf.sigmoid(input), tf.tanh(candidate)),
  ) as Tensor2D;
  return { memory, output: tf.mul(tf.sigmoid(output), tf.tanh(memory)) as Tensor2D };
}

/** Output of a cell after reading a sequence column by column. @param sequence `[batch, periods]`, one number a period */
export function readSequence(tf: TensorLibrary, weights: LstmWeights, sequence: Tensor2D): Tensor2D {
  const [batch, periods] = sequence.shape;
  const units = weights.recurrent.shape[0];
  const zeros = tf.zeros([batch, units]) as Tensor2D;
  let state: LstmState = { output: zeros, memory: zeros };
  for (const x of tf.split<Tensor2D>(sequence, periods, 1)) state = lstmStep(tf, weights, state, x);
  return state.output;
}
