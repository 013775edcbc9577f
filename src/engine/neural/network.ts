import type { Tensor2D } from '@tensorflow/tfjs-core';
import { createRng } from '../rng.ts';
import type { InputWidths } from './inputs.ts';
import { readSequence } from './lstm.ts';
import type { TensorLibrary } from './tensor-library.ts';
import type { NeuralSettings, Weight } from './types.ts';

const { sqrt } = Math;
/** Numbers by which each future step takes part in the encoder's view of the whole horizon. */
const PROJECTION = 2;
/** Start of the head's biases: softplus(-1.5) = 0.2 per increment, so that first forecasts are near the mean of 1. */
const HEAD_BIAS = -1.5;

/** Uniform on ±sqrt(6 / fan-in): He et al., "Delving Deep into Rectifiers" (2015). */
function dense(name: string, inputs: number, outputs: number, bias = 0): (rng: () => number) => Weight[] {
  return (rng) => {
    const limit = sqrt(6 / inputs);
    const values = new Float32Array(inputs * outputs).map(() => (2 * rng() - 1) * limit);
    return [
      { name: `${name}.kernel`, shape: [inputs, outputs], values },
      { name: `${name}.bias`, shape: [1, outputs], values: new Float32Array(outputs).fill(bias) },
    ];
  };
}

/** The arrays of weights of a network with their first values, drawn by the settings' seed. */
export function initialWeights(settings: NeuralSettings, widths: InputWidths): Weight[] {
  const { hidden, horizon, kind, layers, levels, stepHidden, stepWidth } = settings;
  const rng = createRng(settings.seed);
  const read = kind === 'lstm' ? hidden + widths.history - widths.window : widths.history;
  const recurrent = [dense('lstm.input', 1, 4 * hidden), dense('lstm.recurrent', hidden, 4 * hidden)];
  return [
    ...(kind === 'lstm' ? recurrent : []),
    dense('projection', widths.step, PROJECTION),
    ...Array.from({ length: layers }, (_, i) => dense(`encoder${i}`, i ? hidden : read + horizon * PROJECTION, hidden)),
    dense('decoder', hidden, horizon * stepWidth),
    dense('step', stepWidth, stepHidden),
    dense('stepInputs', widths.step, stepHidden),
    dense('head', stepHidden, levels.length + 1, HEAD_BIAS),
  ].flatMap((layer) => layer(rng));
}

/**
 * `[Q + 1, Q + 1]`: adds up the increments of the quantiles from the lowest on and leaves the last column, the mean, to
 * itself. As increments are softplus values, quantiles neither cross nor fall below zero.
 */
function cumulation(tf: TensorLibrary, quantiles: number): Tensor2D {
  const size = quantiles + 1;
  const values = new Float32Array(size * size);
  for (let from = 0; from < quantiles; from++) {
    for (let to = from; to < quantiles; to++) values[from * size + to] = 1;
  }
  values[size * size - 1] = 1;
  return tf.tensor2d(values, [size, size]);
}

/**
 * The network: a dense encoder of the history at several rates (as in N-HiTS) and of the known future, a decoder that
 * hands a few numbers to every step, and one small layer shared by all steps that joins them with the step's own
 * inputs (as in TiDE).
 * Sources: Challu et al., "N-HiTS" (2022); Das et al., "Long-term Forecasting with TiDE" (2023).
 * @param weights tensors in the order of {@link initialWeights}
 * @param history `[batch, widths.history]`
 * @param steps `[batch * horizon, widths.step]`
 * @returns `[batch * horizon, Q + 1]`: scaled quantiles and, last, the scaled mean
 */
export function forward(
  tf: TensorLibrary,
  settings: NeuralSettings,
  widths: InputWidths,
  weights: readonly Tensor2D[],
  history: Tensor2D,
  steps: Tensor2D,
): Tensor2D {
  const batch = history.shape[0];
  let next = 0;
  const layer = (x: Tensor2D): Tensor2D => tf.add(tf.matMul(x, weights[next++]), weights[next++]) as Tensor2D;
  let read = history;
  if (settings.kind === 'lstm') {
    const [input, inputBias, recurrent, recurrentBias] = weights;
    next = 4;
    const bias = tf.add(inputBias, recurrentBias) as Tensor2D;
    const [sequence, rest] = tf.split<Tensor2D>(history, [widths.window, widths.history - widths.window], 1);
    read = tf.concat([readSequence(tf, { input, recurrent, bias }, sequence), rest], 1);
  }
  const projected = tf.relu(layer(steps));
  let code = tf.concat([read, tf.reshape(projected, [batch, settings.horizon * PROJECTION]) as Tensor2D], 1);
  for (let i = 0; i < settings.layers; i++) {
    const output = tf.relu(layer(code));
    code = (i ? tf.add(code, output) : output) as Tensor2D;
  }
  const decoded = tf.reshape(layer(code), [batch * settings.horizon, settings.stepWidth]) as Tensor2D;
  // Two products cost less than one of operands laid side by side first.
  const joined = tf.relu(tf.add(layer(decoded), layer(steps))) as Tensor2D;
  return tf.matMul(tf.softplus(layer(joined)), cumulation(tf, settings.levels.length));
}
