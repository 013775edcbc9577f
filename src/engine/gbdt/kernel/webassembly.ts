/** The part of the WebAssembly interface that the kernels need; the language's own library does not declare it. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module: only handed around, also to other threads. */
export type WasmModule = object & { readonly wasmModule?: never };

interface WasmInterface {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of a base64 text. */
export function decodeBase64(text: string): Uint8Array {
  const digit = new Uint8Array(128);
  for (let i = 0; i < 64; i++) digit[ALPHABET.charCodeAt(i)] = i;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let word = 0;
    for (let k = 0; k < 4; k++) word = (word << 6) | (text[i + k] === '=' ? 0 : digit[text.charCodeAt(i + k)]);
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (word >> shift) & 255;
  }
  return bytes;
}

/** WebAssembly where the platform has it. */
export function webAssembly(): WasmInterface | null {
  return (globalThis as { WebAssembly?: WasmInterface }).WebAssembly ?? null;
}

/** Compiles a kernel; null where WebAssembly or one of the features the kernel uses is missing. */
export function compileKernel(base64: string): WasmModule | null {
  const wasm = webAssembly();
  if (wasm === null) return null;
  const bytes = decodeBase64(base64);
  return wasm.validate(bytes) ? new wasm.Module(bytes) : null;
}
