import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import type { TensorLibrary } from './tensor-library.ts';

interface ProductArguments {
  readonly inputs: { readonly a: TensorInfo; readonly b: TensorInfo };
  readonly backend: KernelBackend;
  readonly attrs: { readonly transposeA: boolean; readonly transposeB: boolean };
}
type Kernel = (args: object) => TensorInfo;

const patched = new WeakSet<object>();

/**
 * Replaces the matrix product of the WASM back end by one that first transposes its operands where asked to. The stock
 * kernel falls back to a scalar loop for transposed operands, and every gradient of a product has one: a copy of the
 * operand costs far less than losing the SIMD path. Doing it twice changes nothing.
 */
export function patchMatrixProduct(tf: TensorLibrary): void {
  const stock = tf.getKernel(tf.BatchMatMul, 'wasm');
  const transpose = tf.getKernel(tf.Transpose, 'wasm');
  if (!stock || !transpose || patched.has(stock)) return;
  const transposed = (x: TensorInfo, backend: KernelBackend): TensorInfo => {
    const last = x.shape.length - 1;
    const perm = x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis));
    return (transpose.kernelFunc as unknown as Kernel)({ inputs: { x }, backend, attrs: { perm } });
  };
  const product = ({ inputs, backend, attrs }: ProductArguments): TensorInfo => {
    const a = attrs.transposeA ? transposed(inputs.a, backend) : inputs.a;
    const b = attrs.transposeB ? transposed(inputs.b, backend) : inputs.b;
    const out = (stock.kernelFunc as unknown as Kernel)({
      inputs: { a, b },
      backend,
      attrs: { transposeA: false, transposeB: false },
    });
    if (a !== inputs.a) backend.disposeData(a.dataId);
    if (b !== inputs.b) backend.disposeData(b.dataId);
    return out;
  };
  const replacement = { ...stock, kernelFunc: product as unknown as typeof stock.kernelFunc };
  tf.unregisterKernel(tf.BatchMatMul, 'wasm');
  tf.registerKernel(replacement);
  patched.add(replacement);
}
