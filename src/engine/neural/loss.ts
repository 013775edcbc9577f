import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import type { TensorLibrary } from './tensor-library.ts';

/** Keeps the deviance finite where a mean falls to zero. */
const EPSILON = 0.02;

/**
 * Mean over the counted rows of the pinball losses of the quantiles plus the Poisson deviance (without its constants) of
 * the mean, `m - y log m`: like the squared error it is least at the expectation, but a rare large sale does not
 * outweigh all others.
 * @param output `[rows, Q + 1]`, see `forward`
 * @param target `[rows, 1]`
 * @param mask `[rows, 1]`: 1 where a row counts
 */
export function lossOf(
  tf: TensorLibrary,
  levels: readonly number[],
  output: Tensor2D,
  target: Tensor2D,
  mask: Tensor2D,
): Scalar {
  const operation = tf.customGrad((...args) => {
    // Target and mask are constants: output is the only operand, followed by the function that saves.
    const [x, save] = args as unknown as [Tensor2D, (tensors: Tensor[]) => void];
    const count = tf.maximum(tf.sum(mask), 1);
    const [quantiles, mean] = tf.split(x, [levels.length, 1], 1);
    const level = tf.tensor2d([...levels], [1, levels.length]);
    const above = tf.sub(quantiles, target);
    const slope = tf.sub(tf.cast(tf.greater(above, 0), 'float32'), level);
    const pinball = tf.div(tf.sum(tf.mul(tf.mul(slope, above), mask)), levels.length);
    const shifted = tf.add(mean, EPSILON);
    const deviance = tf.sum(tf.mul(tf.sub(shifted, tf.mul(target, tf.log(shifted))), mask));
    const gradients = tf.concat(
      [tf.div(tf.mul(slope, mask), levels.length), tf.mul(tf.sub(1, tf.div(target, shifted)), mask)],
      1,
    );
    const value = tf.div(tf.add(pinball, deviance), count) as Tensor;
    save([tf.div(gradients, count)]);
    return { value, gradFunc: (dy: Tensor | Tensor[], [gradient]: Tensor[]) => tf.mul(gradient, dy as Tensor) };
  });
  return operation(output) as Scalar;
}

/** Sum of the pinball losses over levels and counted rows, in plain numbers, and how many rows counted. */
export function pinballSum(
  levels: readonly number[],
  output: Float32Array,
  target: Float32Array,
  mask: Float32Array,
): { sum: number; count: number } {
  const columns = levels.length + 1;
  let sum = 0;
  let count = 0;
  for (let r = 0; r < target.length; r++) {
    if (mask[r] === 0) continue;
    count++;
    for (let q = 0; q < levels.length; q++) {
      const below = target[r] - output[r * columns + q];
      sum += (below > 0 ? levels[q] : levels[q] - 1) * below;
    }
  }
  return { sum, count };
}
