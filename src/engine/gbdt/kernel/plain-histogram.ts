import type { TrainKernel } from './train-operations.ts';

const { floor, imul, min } = Math;

/** Rows worked on together: with their bins they fit into the first-level cache beside the histograms. */
const TOGETHER = 256;
/** Up to so many rows of hessian 1 both sums of a slot fit one double: 2^31 gradient units times this, plus the rows. */
const MOST_ROWS = 2 ** 21;
/** Fewer rows do not pay for unpacking the sums. */
const FEW_ROWS = 512;
/** Columns whose sums lie in one array. */
const COLUMNS = 8;

// Sums in doubles of up to 32 columns. They belong to the module, as do the functions that add to them: what exists once
// a thread has a fixed address in the compiled code, which is half as fast with arrays it is given.
const A = new Float64Array(256 * COLUMNS);
const B = new Float64Array(256 * COLUMNS);
const C = new Float64Array(256 * COLUMNS);
const D = new Float64Array(256 * COLUMNS);
const SUMS = [A, B, C, D];
/** Written only: without it the reads of `touch` would be for nothing. */
const SEEN = new Int32Array(1);

/** Counts histograms; `hasUnitHessians` tells that every packed hessian is 1. */
export type AddRows = (hasUnitHessians: boolean, ...rest: Parameters<TrainKernel['addRows']>) => void;

/**
 * Reads a word of each of some rows, so that they are on their way into the cache before they are counted. Many reads
 * one after the other wait together; between the additions they would wait one by one.
 */
function touch(from: Int32Array, cells: number, width: number, list: number, end: number): void {
  let any = 0;
  for (let at = list; at < end; at += 2) any ^= from[cells + imul(from[at], width)];
  SEEN[0] = any;
}

/** Thirty-two columns of the rows listed, four to a word. */
function addEightWords(from: Int32Array, cells: number, width: number, list: number, end: number): void {
  for (let at = list; at < end; at += 2) {
    const word = cells + imul(from[at], width);
    const x = (from[at + 1] >> 16) * MOST_ROWS + 1;
    let p = from[word];
    let q = from[word + 1];
    A[p & 255] += x;
    A[((p >>> 8) & 255) | 256] += x;
    A[((p >>> 16) & 255) | 512] += x;
    A[(p >>> 24) | 768] += x;
    A[(q & 255) | 1024] += x;
    A[((q >>> 8) & 255) | 1280] += x;
    A[((q >>> 16) & 255) | 1536] += x;
    A[(q >>> 24) | 1792] += x;
    p = from[word + 2];
    q = from[word + 3];
    B[p & 255] += x;
    B[((p >>> 8) & 255) | 256] += x;
    B[((p >>> 16) & 255) | 512] += x;
    B[(p >>> 24) | 768] += x;
    B[(q & 255) | 1024] += x;
    B[((q >>> 8) & 255) | 1280] += x;
    B[((q >>> 16) & 255) | 1536] += x;
    B[(q >>> 24) | 1792] += x;
    p = from[word + 4];
    q = from[word + 5];
    C[p & 255] += x;
    C[((p >>> 8) & 255) | 256] += x;
    C[((p >>> 16) & 255) | 512] += x;
    C[(p >>> 24) | 768] += x;
    C[(q & 255) | 1024] += x;
    C[((q >>> 8) & 255) | 1280] += x;
    C[((q >>> 16) & 255) | 1536] += x;
    C[(q >>> 24) | 1792] += x;
    p = from[word + 6];
    q = from[word + 7];
    D[p & 255] += x;
    D[((p >>> 8) & 255) | 256] += x;
    D[((p >>> 16) & 255) | 512] += x;
    D[(p >>> 24) | 768] += x;
    D[(q & 255) | 1024] += x;
    D[((q >>> 8) & 255) | 1280] += x;
    D[((q >>> 16) & 255) | 1536] += x;
    D[(q >>> 24) | 1792] += x;
  }
}

/** Sixteen columns of the rows listed. */
function addFourWords(from: Int32Array, cells: number, width: number, list: number, end: number): void {
  for (let at = list; at < end; at += 2) {
    const word = cells + imul(from[at], width);
    const x = (from[at + 1] >> 16) * MOST_ROWS + 1;
    let p = from[word];
    let q = from[word + 1];
    A[p & 255] += x;
    A[((p >>> 8) & 255) | 256] += x;
    A[((p >>> 16) & 255) | 512] += x;
    A[(p >>> 24) | 768] += x;
    A[(q & 255) | 1024] += x;
    A[((q >>> 8) & 255) | 1280] += x;
    A[((q >>> 16) & 255) | 1536] += x;
    A[(q >>> 24) | 1792] += x;
    p = from[word + 2];
    q = from[word + 3];
    B[p & 255] += x;
    B[((p >>> 8) & 255) | 256] += x;
    B[((p >>> 16) & 255) | 512] += x;
    B[(p >>> 24) | 768] += x;
    B[(q & 255) | 1024] += x;
    B[((q >>> 8) & 255) | 1280] += x;
    B[((q >>> 16) & 255) | 1536] += x;
    B[(q >>> 24) | 1792] += x;
  }
}

/** Four columns of rows with hessians of their own, to slots from `first` on. */
function addWord(to: Int32Array, first: number, cells: number, width: number, list: number, end: number): void {
  const [a, b, c, d] = [first, first + 512, first + 1024, first + 1536];
  for (let at = list; at < end; at += 2) {
    const bins = to[cells + imul(to[at], width)];
    const q = to[at + 1];
    const g = q >> 16;
    const h = q & 0xffff;
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
}

/** Adds the sums kept as doubles to the slots from `first` on, and clears them. */
function unpack(to: Int32Array, from: Float64Array, first: number, slots: number): void {
  for (let slot = 0, at = first; slot < slots; slot++, at += 2) {
    const sum = from[slot];
    if (sum === 0) continue;
    const g = floor(sum / MOST_ROWS);
    to[at] += sum - g * MOST_ROWS;
    to[at + 1] += g;
  }
  from.fill(0);
}

/**
 * Adds rows to histograms in TypeScript, to the same whole numbers as the compiled kernel. Both sums of a slot stay
 * within 32 bits, so that no carry passes between them; where every hessian is 1 they are kept in one double meanwhile,
 * which is exact and halves the work. Bins are read four at a time, a row after the other.
 */
export function createAddRows(buffer: ArrayBuffer | SharedArrayBuffer): AddRows {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);

  /** Rows in blocks, the next one on its way while `work` has the present one. */
  const eachBlock = (
    cells: number,
    width: number,
    first: number,
    last: number,
    work: (list: number, end: number) => void,
  ): void => {
    touch(words, cells, width, first, min(last, first + 2 * TOGETHER));
    for (let list = first; list < last; list += 2 * TOGETHER) {
      const end = min(last, list + 2 * TOGETHER);
      touch(words, cells, width, end, min(last, end + 2 * TOGETHER));
      work(list, end);
    }
  };

  /** Columns side by side, by way of the doubles: 32 at a time, or 16 where fewer are left. */
  const addSums = (slots: number, cells: number, width: number, count: number, first: number, last: number): void => {
    for (let j = 0; j < count;) {
      const isMany = count - j > 16;
      const [add, from] = [isMany ? addEightWords : addFourWords, cells + (j >> 2)];
      eachBlock(from, width, first, last, (list, end) => add(words, from, width, list, end));
      for (let part = 0; part < (isMany ? 4 : 2); part++) {
        const at = j + COLUMNS * part;
        unpack(words, SUMS[part], slots + 512 * at, 256 * Math.max(0, min(COLUMNS, count - at)));
      }
      j += isMany ? 32 : 16;
    }
  };

  /** One column, `cell` bytes into a row. */
  const addOne = (first: number, cell: number, stride: number, list: number, end: number): void => {
    const [from, to] = [bytes, words];
    for (let at = list; at < end; at += 2) {
      const slot = first + (from[cell + imul(to[at], stride)] << 1);
      const q = to[at + 1];
      to[slot] += q & 0xffff;
      to[slot + 1] += q >> 16;
    }
  };

  return (hasUnitHessians, histogram, bins, stride, columns, count, contiguous, rows, rowCount) => {
    const [cells, width, first, slots] = [bins >>> 2, stride >>> 2, rows >>> 2, histogram >>> 2];
    const last = first + 2 * rowCount;
    if (contiguous && hasUnitHessians && rowCount >= FEW_ROWS && rowCount < MOST_ROWS) {
      addSums(slots, cells, width, count, first, last);
      return;
    }
    eachBlock(cells, width, first, last, (list, end) => {
      let j = 0;
      if (contiguous) {
        for (; j + 4 <= count; j += 4) addWord(words, slots + 512 * j, cells + (j >> 2), width, list, end);
      }
      for (; j < count; j++) addOne(slots + 512 * j, bins + words[(columns >>> 2) + j], stride, list, end);
    });
  };
}
