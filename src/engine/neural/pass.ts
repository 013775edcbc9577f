import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { InputReader } from './inputs.ts';
import { lossOf } from './loss.ts';
import { forward } from './network.ts';
import type { NeuralRuntime } from './runtime.ts';
import type { NeuralSettings, Weight } from './types.ts';

/** Rows of inputs and targets of some windows, reused from step to step. */
export interface Batch {
  readonly rows: number;
  /** `[rows, widths.history]` */
  readonly history: Float32Array;
  /** `[rows * horizon, widths.step]` */
  readonly steps: Float32Array;
  /** `[rows * horizon]` */
  readonly target: Float32Array;
  /** `[rows * horizon]` */
  readonly mask: Float32Array;
  /** Scale of each window, `[rows]`; 0 = the row is unused. */
  readonly scale: Float32Array;
}

/** Empty rows for a reader. */
export function createBatch({ widths }: InputReader, rows: number, horizon: number): Batch {
  return {
    rows,
    history: new Float32Array(rows * widths.history),
    steps: new Float32Array(rows * horizon * widths.step),
    target: new Float32Array(rows * horizon),
    mask: new Float32Array(rows * horizon),
    scale: new Float32Array(rows),
  };
}

const tensorsOf = ({ tf }: NeuralRuntime, weights: readonly Weight[]): Tensor2D[] =>
  weights.map(({ values, shape }) => tf.tensor2d(values, [shape[0], shape[1]]));

/** Scaled quantiles and mean, `[rows * horizon, Q + 1]`, see `forward`. */
export function outputOf(
  runtime: NeuralRuntime,
  settings: NeuralSettings,
  { widths }: InputReader,
  weights: readonly Weight[],
  batch: Batch,
): Float32Array {
  const { tf } = runtime;
  return tf.tidy(() => {
    const history = tf.tensor2d(batch.history, [batch.rows, widths.history]);
    const steps = tf.tensor2d(batch.steps, [batch.rows * settings.horizon, widths.step]);
    return forward(tf, settings, widths, tensorsOf(runtime, weights), history, steps).dataSync() as Float32Array;
  });
}

/** Loss of a batch and its gradient for each weight. */
export function gradientsOf(
  runtime: NeuralRuntime,
  settings: NeuralSettings,
  { widths }: InputReader,
  weights: readonly Weight[],
  batch: Batch,
): { loss: number; gradients: Float32Array[] } {
  const { tf } = runtime;
  return tf.tidy(() => {
    const rows = batch.rows * settings.horizon;
    const history = tf.tensor2d(batch.history, [batch.rows, widths.history]);
    const steps = tf.tensor2d(batch.steps, [rows, widths.step]);
    const target = tf.tensor2d(batch.target, [rows, 1]);
    const mask = tf.tensor2d(batch.mask, [rows, 1]);
    const { value, grads } = tf.valueAndGrads((...tensors) => {
      const output = forward(tf, settings, widths, tensors as Tensor2D[], history, steps);
      return lossOf(tf, settings.levels, output, target, mask);
    })(tensorsOf(runtime, weights));
    return {
      loss: value.dataSync()[0],
      gradients: grads.map((gradient) => gradient.dataSync() as Float32Array),
    };
  });
}
