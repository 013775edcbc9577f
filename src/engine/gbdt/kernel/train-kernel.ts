import { createPlainKernel } from './plain-kernel.ts';
import type { TrainKernel } from './train-operations.ts';
import { trainBinary } from './train-binary.ts';
import { compileKernel, webAssembly } from './webassembly.ts';
import type { WasmMemory, WasmModule } from './webassembly.ts';

/** Bytes of the buffer that `addRows` needs for rows of `stride` bins. */
export function gatherBytes(stride: number): number {
  return 256 * (stride + 8) + 16;
}

/** A memory that several threads can share and what works on it; plain data, so that it can be sent to them. */
export interface TrainMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Null for the plain kernel. */
  readonly compiled: { readonly memory: WasmMemory; readonly module: WasmModule } | null;
}

const PAGE = 65_536;
const MOST_PAGES = 65_536;

/** Most bytes a fit can use. */
export const MOST_BYTES = PAGE * MOST_PAGES - PAGE;

let module: WasmModule | null | undefined;

/** Memory of at least `bytes`, for the compiled kernel unless `plain` or the platform forbids it. */
export function createTrainMemory(bytes: number, plain: boolean): TrainMemory {
  const wasm = webAssembly();
  if (module === undefined) module = compileKernel(trainBinary.base64);
  if (plain || wasm === null || module === null) {
    return { buffer: new SharedArrayBuffer(Math.ceil(bytes / 8) * 8), compiled: null };
  }
  const pages = Math.ceil(bytes / PAGE);
  const memory = new wasm.Memory({ initial: pages, maximum: pages, shared: true });
  return { buffer: memory.buffer, compiled: { memory, module } };
}

/** The kernel on a memory. */
export function createTrainKernel({ buffer, compiled }: TrainMemory): TrainKernel {
  const wasm = webAssembly();
  if (compiled === null || wasm === null) return createPlainKernel(buffer);
  const { exports } = new wasm.Instance(compiled.module, { env: { memory: compiled.memory } });
  return exports as unknown as TrainKernel;
}
