import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { createRng } from '../rng.ts';
import { readSequence } from './lstm.ts';
import { loadRuntime } from './runtime.ts';
import type { TensorLibrary } from './tensor-library.ts';

const UNITS = 3;
const BATCH = 2;
const PERIODS = 4;
const SHAPES = [
  [1, 4 * UNITS],
  [UNITS, 4 * UNITS],
  [1, 4 * UNITS],
] as const;

const rng = createRng(9);
const draw = (size: number) => Array.from({ length: size }, () => 2 * rng() - 1);
const weights = SHAPES.map(([rows, columns]) => draw(rows * columns));
const sequence = draw(BATCH * PERIODS);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The recurrences written out number by number; returns the last outputs `[batch, units]`. */
function reference([input, recurrent, bias]: readonly number[][]): number[] {
  const result: number[] = [];
  for (let b = 0; b < BATCH; b++) {
    let output = new Array<number>(UNITS).fill(0);
    const memory = new Array<number>(UNITS).fill(0);
    for (let t = 0; t < PERIODS; t++) {
      const gate = (g: number, u: number) => {
        const column = g * UNITS + u;
        const fed = output.reduce((sum, value, k) => sum + value * recurrent[k * 4 * UNITS + column], 0);
        return sequence[b * PERIODS + t] * input[column] + fed + bias[column];
      };
      const next = output.map((_, u) => {
        memory[u] = sigmoid(gate(1, u)) * memory[u] + sigmoid(gate(0, u)) * Math.tanh(gate(2, u));
        return sigmoid(gate(3, u)) * Math.tanh(memory[u]);
      });
      output = next;
    }
    result.push(...output);
  }
  return result;
}

describe('LSTM', () => {
  let tf: TensorLibrary;
  beforeAll(async () => {
    tf = (await loadRuntime({ backend: 'plain' })).tf;
  });
  const tensors = () => weights.map((values, i) => tf.tensor2d(values, [...SHAPES[i]]));
  const read = (...[input, recurrent, bias]: Tensor[]) =>
    readSequence(
      tf,
      { input: input as Tensor2D, recurrent: recurrent as Tensor2D, bias: bias as Tensor2D },
      tf.tensor2d(sequence, [BATCH, PERIODS]),
    );

  it('reads a sequence as its recurrences say', () => {
    const expected = reference(weights);
    [...read(...tensors()).dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
  });

  it('has the gradient of its recurrences in every weight', () => {
    const gradients = tf.grads(read)(tensors(), tf.ones([BATCH, UNITS]));
    gradients.forEach((gradient, w) => {
      gradient.dataSync().forEach((value, i) => {
        const at = (by: number) => {
          const shifted = weights.map((values, k) => (k === w ? values.with(i, values[i] + by) : values));
          return reference(shifted).reduce((sum, output) => sum + output, 0);
        };
        expect(value).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
      });
    });
  });
});
