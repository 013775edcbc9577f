import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { InvalidInputError } from '../errors.ts';
import type { TensorLibrary } from './tensor-library.ts';

/** Sums a gradient over the axes along which its operand was broadcast, so that it has the operand's shape again. */
function unbroadcast(tf: TensorLibrary, gradient: Tensor, shape: number[]): Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return tf.reshape(axes.length ? tf.sum(gradient, axes) : gradient, shape);
}

function configurations(tf: TensorLibrary): GradConfig[] {
  return [
    {
      kernelName: tf.Reshape,
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as Tensor, x.shape) }),
    },
    {
      kernelName: tf.Add,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => unbroadcast(tf, dy as Tensor, a.shape),
        b: () => unbroadcast(tf, dy as Tensor, b.shape),
      }),
    },
    {
      kernelName: tf.Multiply,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b]) => ({
        a: () => unbroadcast(tf, tf.mul(dy as Tensor, b), a.shape),
        b: () => unbroadcast(tf, tf.mul(dy as Tensor, a), b.shape),
      }),
    },
    {
      kernelName: tf.BatchMatMul,
      inputsToSave: ['a', 'b'],
      gradFunc: (dy, [a, b], attributes) => {
        const { transposeA, transposeB } = attributes as unknown as { transposeA: boolean; transposeB: boolean };
        if (transposeA || transposeB)
          throw new InvalidInputError('products of transposed matrices are not in use here');
        return {
          a: () => tf.matMul(dy as Tensor, b, false, true),
          b: () => tf.matMul(a, dy as Tensor, true, false),
        };
      },
    },
    {
      kernelName: tf.Relu,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as Tensor, tf.step(y)) }),
    },
    {
      kernelName: tf.Softplus,
      inputsToSave: ['x'],
      gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as Tensor, tf.sigmoid(x)) }),
    },
    {
      kernelName: tf.Sigmoid,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as Tensor, tf.mul(y, tf.sub(1, y))) }),
    },
    {
      kernelName: tf.Tanh,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as Tensor, tf.sub(1, tf.mul(y, y))) }),
    },
    {
      kernelName: tf.Concat,
      saveAllInputs: true,
      gradFunc: (dy, inputs, attributes) => {
        const axis = (attributes as unknown as { axis: number }).axis;
        const at = tf.util.parseAxisParam(axis, inputs[0].shape)[0];
        const parts = tf.split(
          dy as Tensor,
          inputs.map(({ shape }) => shape[at]),
          at,
        );
        return Object.fromEntries(parts.map((part, index) => [String(index), () => part]));
      },
    },
    {
      kernelName: tf.SplitV,
      gradFunc: (dy, _saved, attributes) => ({
        x: () => tf.concat(dy as Tensor[], (attributes as unknown as { axis: number }).axis),
      }),
    },
  ];
}

/**
 * Registers the gradients of the operations that the networks here are made of. The bundle of `@tensorflow/tfjs-core`
 * that Node loads carries none; those that another package has registered stay as they are.
 */
export function registerGradients(tf: TensorLibrary): void {
  for (const config of configurations(tf)) {
    if (!tf.getGradient(config.kernelName)) tf.registerGradient(config);
  }
}
