import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { createRng } from '../rng.ts';
import { NeuralUnavailableError } from './errors.ts';
import { loadRuntime } from './runtime.ts';
import type { TensorLibrary } from './tensor-library.ts';

const random = (rng: () => number, size: number) => new Float32Array(size).map(() => 2 * rng() - 1);

/** Result, then the gradient of each input, of a function made of every operation that a network uses. */
function everything(tf: TensorLibrary, shift?: { input: number; entry: number; by: number }): Float32Array[] {
  const rng = createRng(5);
  const shapes = [
    [37, 19],
    [19, 12],
    [1, 12],
    [17, 8],
  ] as const;
  const values = shapes.map(([rows, columns]) => random(rng, rows * columns));
  if (shift) values[shift.input][shift.entry] += shift.by;
  return tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tf.tensor2d(values[i], [...shape]));
    const weights = tf.tensor2d(random(rng, 37 * 8), [37, 8]);
    const apply = (...tensors: Tensor[]): Tensor => {
      const [a, b, c, d] = tensors as Tensor2D[];
      const hidden = tf.relu(tf.add(tf.matMul(a, b), c)) as Tensor2D;
      const [left, right] = tf.split<Tensor2D>(hidden, [5, 7], 1);
      const gated = tf.mul(tf.sigmoid(left), tf.tanh(left)) as Tensor2D;
      const folded = tf.reshape(tf.reshape(gated, [5, 37]), [37, 5]) as Tensor2D;
      return tf.softplus(tf.matMul(tf.concat([gated, right, folded], 1), d));
    };
    const value = tf.sum(tf.mul(apply(...inputs), weights));
    const gradients = tf.grads(apply)(inputs, weights);
    return [value, ...gradients].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

describe('tensor back ends', () => {
  let tf: TensorLibrary;

  beforeAll(async () => {
    tf = (await loadRuntime({ backend: 'wasm' })).tf;
  });
  afterAll(() => tf.removeBackend('wasm'));

  it('multiplies transposed matrices on WASM as plain JavaScript does', async () => {
    const product = (transposeA: boolean, transposeB: boolean) =>
      tf.tidy(() => {
        const rng = createRng(3);
        const a = tf.tensor(random(rng, 2 * 7 * 5), transposeA ? [2, 5, 7] : [2, 7, 5]);
        const b = tf.tensor(random(rng, 2 * 5 * 9), transposeB ? [2, 9, 5] : [2, 5, 9]);
        const out = tf.matMul(a, b, transposeA, transposeB);
        return { shape: out.shape, values: [...out.dataSync()] };
      });
    const all = () => [false, true].flatMap((a) => [false, true].map((b) => product(a, b)));
    await tf.setBackend('wasm');
    const fast = all();
    await loadRuntime({ backend: 'plain' });
    const plain = all();
    fast.forEach(({ shape, values }, i) => {
      expect(shape).toEqual([2, 7, 9]);
      values.forEach((value, k) => expect(value).toBeCloseTo(plain[i].values[k], 5));
    });
  });

  it('has the same gradients, element by element, on WASM and in plain JavaScript', async () => {
    await tf.setBackend('wasm');
    const fast = everything(tf);
    const before = tf.memory().numTensors;
    everything(tf);
    expect(tf.memory().numTensors).toBe(before);
    await loadRuntime({ backend: 'plain' });
    const plain = everything(tf);
    expect(fast.map(({ length }) => length)).toEqual([1, 37 * 19, 19 * 12, 12, 17 * 8]);
    const worst = fast.map((values, i) => Math.max(...values.map((value, k) => Math.abs(value - plain[i][k]))));
    worst.forEach((difference) => expect(difference).toBeLessThan(2e-5));
  });

  it('has gradients that agree with differences', async () => {
    await loadRuntime({ backend: 'plain' });
    const [, ...gradients] = everything(tf);
    gradients.forEach((gradient, input) => {
      for (const entry of [0, gradient.length >> 1, gradient.length - 1]) {
        const at = (by: number) => everything(tf, { input, entry, by })[0][0];
        expect((at(0.004) - at(-0.004)) / 0.008).toBeCloseTo(gradient[entry], 1);
      }
    });
  });

  it('says so where a back end cannot be loaded', async () => {
    let loaded = true;
    try {
      await import(['@tensorflow', 'tfjs-node'].join('/'));
    } catch {
      loaded = false;
    }
    const attempt = loadRuntime({ backend: 'native' });
    if (loaded) expect((await attempt).backend).toBe('native');
    else await expect(attempt).rejects.toThrow(NeuralUnavailableError);
  });
});
