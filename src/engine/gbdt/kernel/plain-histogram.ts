import type { TrainKernel } from './train-operations.ts';

const { floor, imul, min } = Math;

/** Rows worked on together. */
const GATHERED = 1024;
/** Up to so many rows of hessian 1 both sums of a slot fit one double: 2^31 gradient units times this, plus the rows. */
const MOST_ROWS = 2 ** 21;
/** Fewer rows do not pay for unpacking the sums. */
const FEW_ROWS = 512;
/** Columns whose sums lie in one array. */
const TOGETHER = 8;

/** Counts histograms; `hasUnitHessians` tells that every packed hessian is 1. */
export type AddRows = (hasUnitHessians: boolean, ...rest: Parameters<TrainKernel['addRows']>) => void;

/** Where the bins lie column by column. */
export interface ColumnLayout {
  /** Address of the first column. */
  readonly columnMajor: number;
  /** Bytes of a column. */
  readonly allRows: number;
}

/**
 * Adds rows to histograms in TypeScript, to the same whole numbers as the compiled kernel. Both sums of a slot stay
 * within 32 bits, so that no carry passes between them; where every hessian is 1 they are kept in one double meanwhile,
 * which is exact and halves the work.
 */
export function createAddRows(
  buffer: ArrayBuffer | SharedArrayBuffer,
  { columnMajor, allRows }: ColumnLayout,
): AddRows {
  const bytes = new Uint8Array(buffer);
  const ints = new Int32Array(buffer);
  const rowAt = new Int32Array(GATHERED);
  const value = new Float64Array(GATHERED);
  const gradient = new Int32Array(GATHERED);
  const hessian = new Int32Array(GATHERED);
  const sums: Float64Array[] = [];

  /** Eight columns, read column by column: neighbours share a line of the cache even where the rows lie apart. */
  const addEightColumns = (to: Float64Array, starts: readonly number[], n: number): void => {
    const [b, at, v] = [bytes, rowAt, value];
    const [c0, c1, c2, c3, c4, c5, c6, c7] = starts;
    for (let i = 0; i < n; i++) {
      const row = at[i];
      const x = v[i];
      to[b[c0 + row]] += x;
      to[b[c1 + row] | 256] += x;
      to[b[c2 + row] | 512] += x;
      to[b[c3 + row] | 768] += x;
      to[b[c4 + row] | 1024] += x;
      to[b[c5 + row] | 1280] += x;
      to[b[c6 + row] | 1536] += x;
      to[b[c7 + row] | 1792] += x;
    }
  };

  const addTwoColumns = (to: Float64Array, base: number, first: number, second: number, n: number): void => {
    const [b, at, v] = [bytes, rowAt, value];
    for (let i = 0; i < n; i++) {
      const row = at[i];
      const x = v[i];
      to[base | b[first + row]] += x;
      to[base | b[second + row] | 256] += x;
    }
  };

  const addOneColumn = (to: Float64Array, base: number, start: number, n: number): void => {
    const [b, at, v] = [bytes, rowAt, value];
    for (let i = 0; i < n; i++) to[base | b[start + at[i]]] += v[i];
  };

  const addFour = (first: number, words: number, column: number, n: number): void => {
    const [to, at, gs, hs] = [ints, rowAt, gradient, hessian];
    const [a, b, c, d] = [first, first + 512, first + 1024, first + 1536];
    for (let i = 0; i < n; i++) {
      const bins = to[imul(at[i], words) + column];
      const g = gs[i];
      const h = hs[i];
      const slotA = a + ((bins & 255) << 1);
      to[slotA] += h;
      to[slotA + 1] += g;
      const slotB = b + (((bins >>> 8) & 255) << 1);
      to[slotB] += h;
      to[slotB + 1] += g;
      const slotC = c + (((bins >>> 16) & 255) << 1);
      to[slotC] += h;
      to[slotC + 1] += g;
      const slotD = d + ((bins >>> 24) << 1);
      to[slotD] += h;
      to[slotD + 1] += g;
    }
  };

  /** One column, `cell` bytes into a row. */
  const addOne = (first: number, words: number, cell: number, n: number): void => {
    const [from, to, at, gs, hs] = [bytes, ints, rowAt, gradient, hessian];
    for (let i = 0; i < n; i++) {
      const slot = first + (from[cell + (imul(at[i], words) << 2)] << 1);
      to[slot] += hs[i];
      to[slot + 1] += gs[i];
    }
  };

  /** All columns of the gathered rows into doubles. */
  const addSums = (columns: number, count: number, n: number): void => {
    const startOf = (j: number): number => columnMajor + ints[(columns >>> 2) + j] * allRows;
    let j = 0;
    for (; j + TOGETHER <= count; j += TOGETHER) {
      const starts = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => startOf(j + k));
      addEightColumns(sums[j >> 3], starts, n);
    }
    for (; j + 2 <= count; j += 2) addTwoColumns(sums[j >> 3], (j & 7) << 8, startOf(j), startOf(j + 1), n);
    if (j < count) addOneColumn(sums[j >> 3], (j & 7) << 8, startOf(j), n);
  };

  /** Adds the sums kept as doubles to the slots. */
  const unpack = (from: Float64Array, first: number, slots: number): void => {
    const to = ints;
    for (let slot = 0, at = first; slot < slots; slot++, at += 2) {
      const sum = from[slot];
      if (sum === 0) continue;
      const g = floor(sum / MOST_ROWS);
      to[at] += sum - g * MOST_ROWS;
      to[at + 1] += g;
      from[slot] = 0;
    }
  };

  return (hasUnitHessians, histogram, bins, stride, columns, count, contiguous, rows, rowCount) => {
    const fours = contiguous ? count >> 2 : 0;
    const inDoubles = hasUnitHessians && rowCount >= FEW_ROWS && rowCount < MOST_ROWS;
    while (inDoubles && sums.length * TOGETHER < count) sums.push(new Float64Array(256 * TOGETHER));
    const [list, at, g, h, v] = [ints, rowAt, gradient, hessian, value];
    const words = stride >>> 2;
    const first = rows >>> 2;
    for (let from = 0; from < rowCount; from += GATHERED) {
      const n = min(GATHERED, rowCount - from);
      for (let i = 0; i < n; i++) {
        const row = list[first + 2 * (from + i)];
        const q = list[first + 2 * (from + i) + 1];
        at[i] = row;
        g[i] = q >> 16;
        h[i] = q & 0xffff;
        v[i] = (q >> 16) * MOST_ROWS + 1;
      }
      if (inDoubles) {
        addSums(columns, count, n);
        continue;
      }
      for (let k = 0; k < fours; k++) addFour((histogram >>> 2) + 2048 * k, words, (bins >>> 2) + k, n);
      for (let j = 4 * fours; j < count; j++) {
        addOne((histogram >>> 2) + 512 * j, words, bins + ints[(columns >>> 2) + j], n);
      }
    }
    for (let j = 0; inDoubles && j < count; j += TOGETHER) {
      unpack(sums[j >> 3], (histogram >>> 2) + 512 * j, 256 * min(TOGETHER, count - j));
    }
  };
}
