import { NeuralUnavailableError } from './errors.ts';
import { registerGradients } from './gradients.ts';
import { patchMatrixProduct } from './matmul.ts';
import type { TensorLibrary } from './tensor-library.ts';

/** Where tensors live: TensorFlow's own library, WebAssembly with SIMD, or plain JavaScript. */
export const NEURAL_BACKENDS = ['native', 'wasm', 'plain'] as const;
export type NeuralBackend = (typeof NEURAL_BACKENDS)[number];

/** How to find a back end. */
export interface RuntimeOptions {
  /** The back end to use; native where `@tensorflow/tfjs-node` is installed, else WASM, if absent. */
  readonly backend?: NeuralBackend;
  /**
   * Folder (a path or URL that ends with a slash) of the `.wasm` files of `@tensorflow/tfjs-backend-wasm`, for bundles
   * and browsers; if absent, that package finds them in its own folder.
   */
  readonly wasmFolder?: string;
}

/** A back end that is ready. It is global to the process, as TensorFlow.js keeps it. */
export interface NeuralRuntime {
  readonly tf: TensorLibrary;
  readonly backend: NeuralBackend;
}

const NATIVE_PACKAGE: string = '@tensorflow/tfjs-node';
const NAMES: Readonly<Record<NeuralBackend, string>> = { native: 'tensorflow', wasm: 'wasm', plain: 'cpu' };

/** The package is optional, so its types are not counted on: it registers its kernels with the core by being loaded. */
async function loadNative(): Promise<boolean> {
  try {
    await import(NATIVE_PACKAGE);
    return true;
  } catch {
    return false;
  }
}

async function loadBackend(backend: NeuralBackend, options: RuntimeOptions): Promise<boolean> {
  if (backend === 'native') return loadNative();
  if (backend === 'plain') {
    await import('@tensorflow/tfjs-backend-cpu');
    return true;
  }
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  if (options.wasmFolder !== undefined) wasm.setWasmPaths(options.wasmFolder);
  return true;
}

/**
 * Loads TensorFlow.js and makes a back end the current one, with the matrix product corrected where it is WASM.
 * @throws NeuralUnavailableError when the back end asked for, or any, cannot be loaded
 */
export async function loadRuntime(options: RuntimeOptions = {}): Promise<NeuralRuntime> {
  const tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode();
  for (const backend of options.backend ? [options.backend] : (['native', 'wasm'] as const)) {
    if (!(await loadBackend(backend, options))) continue;
    if (backend === 'wasm') patchMatrixProduct(tf);
    registerGradients(tf);
    if (tf.getBackend() === NAMES[backend] || (await tf.setBackend(NAMES[backend]))) return { tf, backend };
  }
  throw new NeuralUnavailableError(`The tensor back end ${options.backend ?? 'wasm'} cannot be used here`);
}
