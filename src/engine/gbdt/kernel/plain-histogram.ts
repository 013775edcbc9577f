import type { TrainKernel } from './train-operations.ts';

const { floor, imul, min } = Math;

/** Rows worked on together, as in the compiled kernel. */
const GATHERED = 128;
/** Up to so many rows of hessian 1 both sums of a slot fit one double: 2^31 gradient units times this, plus the rows. */
const MOST_ROWS = 2 ** 21;
/** Fewer rows do not pay for unpacking the sums. */
const FEW_ROWS = 512;

/** Counts histograms; `hasUnitHessians` tells that every packed hessian is 1. */
export type AddRows = (hasUnitHessians: boolean, ...rest: Parameters<TrainKernel['addRows']>) => void;

/**
 * Adds rows to histograms in TypeScript, to the same whole numbers as the compiled kernel. Both sums of a slot stay
 * within 32 bits, so that no carry passes between them; where every hessian is 1 they are kept in one double meanwhile,
 * which is exact and halves the work.
 */
export function createAddRows(buffer: ArrayBuffer | SharedArrayBuffer): AddRows {
  const bytes = new Uint8Array(buffer);
  const ints = new Int32Array(buffer);
  const rowAt = new Int32Array(GATHERED);
  const value = new Float64Array(GATHERED);
  const gradient = new Int32Array(GATHERED);
  const hessian = new Int32Array(GATHERED);
  /** Sums of four columns each. */
  const sums: Float64Array[] = [];

  /** Four neighbouring columns, whose bins make one word. */
  const addFourSums = (to: Float64Array, column: number, n: number): void => {
    const [w, at, v] = [ints, rowAt, value];
    for (let i = 0; i < n; i++) {
      const bins = w[at[i] + column];
      const x = v[i];
      to[bins & 255] += x;
      to[((bins >>> 8) & 255) | 256] += x;
      to[((bins >>> 16) & 255) | 512] += x;
      to[(bins >>> 24) | 768] += x;
    }
  };

  const addFour = (first: number, column: number, n: number): void => {
    const [to, at, gs, hs] = [ints, rowAt, gradient, hessian];
    const [a, b, c, d] = [first, first + 512, first + 1024, first + 1536];
    for (let i = 0; i < n; i++) {
      const bins = to[at[i] + column];
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
  const addOne = (first: number, cell: number, n: number): void => {
    const [from, to, at, gs, hs] = [bytes, ints, rowAt, gradient, hessian];
    for (let i = 0; i < n; i++) {
      const slot = first + (from[cell + (at[i] << 2)] << 1);
      to[slot] += hs[i];
      to[slot + 1] += gs[i];
    }
  };

  /** Adds the sums kept as doubles to the slots. */
  const unpack = (from: Float64Array, first: number): void => {
    const to = ints;
    for (let slot = 0, at = first; slot < from.length; slot++, at += 2) {
      const sum = from[slot];
      if (sum === 0) continue;
      const g = floor(sum / MOST_ROWS);
      to[at] += sum - g * MOST_ROWS;
      to[at + 1] += g;
      from[slot] = 0;
    }
  };

  return (hasUnitHessians, histogram, bins, stride, columns, count, contiguous, rows, rowCount, packed) => {
    const fours = contiguous ? count >> 2 : 0;
    const inDoubles = hasUnitHessians && fours > 0 && rowCount >= FEW_ROWS && rowCount < MOST_ROWS;
    while (inDoubles && sums.length < fours) sums.push(new Float64Array(1024));
    const [rowNumbers, at, g, h, v] = [ints, rowAt, gradient, hessian, value];
    const words = stride >>> 2;
    const list = rows >>> 2;
    const q4 = packed >>> 2;
    for (let from = 0; from < rowCount; from += GATHERED) {
      const n = min(GATHERED, rowCount - from);
      for (let i = 0; i < n; i++) {
        const row = rowNumbers[list + from + i];
        const q = rowNumbers[q4 + row];
        at[i] = imul(row, words);
        g[i] = q >> 16;
        h[i] = q & 0xffff;
        v[i] = (q >> 16) * MOST_ROWS + 1;
      }
      for (let k = 0; k < fours; k++) {
        if (inDoubles) addFourSums(sums[k], (bins >>> 2) + k, n);
        else addFour((histogram >>> 2) + 2048 * k, (bins >>> 2) + k, n);
      }
      for (let j = 4 * fours; j < count; j++) {
        addOne((histogram >>> 2) + 512 * j, bins + ints[(columns >>> 2) + j], n);
      }
    }
    for (let k = 0; inDoubles && k < fours; k++) unpack(sums[k], (histogram >>> 2) + 2048 * k);
  };
}
