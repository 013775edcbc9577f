import { predictBinary } from './kernel/predict-binary.ts';
import { compileKernel, webAssembly, type WasmMemory, type WasmModule } from './kernel/webassembly.ts';
import type { ForestLayout } from './predict-layout.ts';

const { ceil, min } = Math;

/** As in assembly/predict.ts. */
const BLOCK_ROWS = 256;
const GROUP_ROWS = 64;
const PAGE_BYTES = 65_536;
/** A kernel whose memory grew beyond this is not kept. */
const KEPT_PAGES = 512;

interface Exports {
  encodeNumbers(values: number, rows: number, thresholds: number, count: number, low: number, high: number): void;
  encodeCategories(
    values: number,
    rows: number,
    classes: number,
    count: number,
    other: number,
    missing: number,
    out: number,
  ): void;
  addTrees(
    trees: number,
    nodes: number,
    leaves: number,
    codes: number,
    rows: number,
    scores: number,
    scratch: number,
  ): void;
}

interface Kernel {
  readonly memory: WasmMemory;
  readonly exports: Exports;
}

/** Compiled at first use, once a thread; null where WebAssembly or its vector instructions are missing. */
let module: WasmModule | null | undefined;
let kept: Kernel | null = null;

function createKernel(): Kernel | null {
  const wasm = webAssembly();
  if (module === undefined) module = compileKernel(predictBinary.base64);
  if (wasm === null || module === null) return null;
  const memory = new wasm.Memory({ initial: 1 });
  const { exports } = new wasm.Instance(module, { env: { memory } });
  return { memory, exports: exports as unknown as Exports };
}

/** Hands out places in the kernel's memory, one after the other; what is placed is written by `fill`. */
class Plan {
  private end = 64;
  private readonly contents: { readonly at: number; readonly bytes: ArrayBufferView }[] = [];

  reserve(bytes: number): number {
    const at = this.end;
    this.end += 16 * ceil(bytes / 16);
    return at;
  }

  place(data: ArrayBufferView): number {
    const at = this.reserve(data.byteLength);
    this.contents.push({ at, bytes: data });
    return at;
  }

  fill(memory: WasmMemory): void {
    const lacking = ceil(this.end / PAGE_BYTES) - memory.buffer.byteLength / PAGE_BYTES;
    if (lacking > 0) memory.grow(lacking);
    const target = new Uint8Array(memory.buffer);
    for (const { at, bytes } of this.contents)
      target.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), at);
  }
}

/**
 * Adds the trees of every laid-out forest to its scores, to the same bits as walking them one by one: a row's leaves
 * are summed in the order of the trees. Memory: the layout and one block of rows.
 * @param columns one per feature of the boosters
 * @param scores per forest one entry a row, holding the base score
 * @returns false where the kernel cannot run; the scores are then untouched
 */
export function addForestScores(
  layout: ForestLayout,
  columns: readonly Float32Array[],
  scores: readonly Float64Array[],
): boolean {
  const kernel = kept ?? createKernel();
  if (kernel === null) return false;
  const { memory, exports } = kernel;
  const plan = new Plan();
  const values = plan.reserve(4 * BLOCK_ROWS);
  const unused = plan.reserve(BLOCK_ROWS);
  const scratch = plan.reserve(GROUP_ROWS);
  const block = plan.reserve(8 * BLOCK_ROWS);
  const codes = plan.reserve(layout.columns * BLOCK_ROWS);
  const columnAt = (column: number): number => (column < 0 ? unused : codes + column * BLOCK_ROWS);
  const encoders = layout.codings.map(({ feature, coding }) => {
    if (coding.kind === 'numbers') {
      const table = plan.place(coding.thresholds);
      const { low, high, thresholds } = coding;
      const encode = (rows: number): void =>
        exports.encodeNumbers(values, rows, table, thresholds.length, columnAt(low), columnAt(high));
      return { feature, encode };
    }
    const table = plan.place(coding.classes);
    const { classes, other, missing, column } = coding;
    const encode = (rows: number): void =>
      exports.encodeCategories(values, rows, table, classes.length, other, missing, columnAt(column));
    return { feature, encode };
  });
  const placed = layout.forests.map(({ trees, nodes, leaves }) => ({
    trees,
    nodes: plan.place(nodes),
    leaves: plan.place(leaves),
  }));
  plan.fill(memory);
  const valueView = new Float32Array(memory.buffer, values, BLOCK_ROWS);
  const scoreView = new Float64Array(memory.buffer, block, BLOCK_ROWS);
  const rowCount = scores[0].length;
  for (let begin = 0; begin < rowCount; begin += BLOCK_ROWS) {
    const rows = min(BLOCK_ROWS, rowCount - begin);
    for (const { feature, encode } of encoders) {
      valueView.set(columns[feature].subarray(begin, begin + rows));
      encode(rows);
    }
    placed.forEach(({ trees, nodes, leaves }, i) => {
      scoreView.set(scores[i].subarray(begin, begin + rows));
      exports.addTrees(trees, nodes, leaves, codes, rows, block, scratch);
      scores[i].set(scoreView.subarray(0, rows), begin);
    });
  }
  kept = memory.buffer.byteLength <= KEPT_PAGES * PAGE_BYTES ? kernel : null;
  return true;
}
