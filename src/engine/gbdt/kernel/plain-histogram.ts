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
const SLOTS = 256 * COLUMNS;

/** Counts histograms; `hasUnitHessians` tells that every packed hessian is 1. */
export type AddRows = (hasUnitHessians: boolean, ...rest: Parameters<TrainKernel['addRows']>) => void;

/**
 * Adds rows to histograms in TypeScript, to the same whole numbers as the compiled kernel. Both sums of a slot stay
 * within 32 bits, so that no carry passes between them; where every hessian is 1 they are kept in one double meanwhile,
 * which is exact and halves the work. Bins are read four at a time, a row after the other.
 */
export function createAddRows(buffer: ArrayBuffer | SharedArrayBuffer): AddRows {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  const sums: Float64Array[] = [];
  /** Written only: without it the reads of `touch` would be for nothing. */
  const seen = new Int32Array(1);

  /**
   * Reads a word of each of some rows, so that they are on their way into the cache before they are counted. Many reads
   * one after the other wait together; between the additions they would wait one by one.
   */
  const touch = (cells: number, width: number, list: number, end: number): void => {
    const from = words;
    let any = 0;
    for (let at = list; at < end; at += 2) any ^= from[cells + imul(from[at], width)];
    seen[0] = any;
  };

  /** Thirty-two columns of the rows listed. */
  const addEightWords = (part: readonly Float64Array[], cells: number, width: number, list: number, end: number) => {
    const from = words;
    const [a, b, c, d] = part;
    for (let at = list; at < end; at += 2) {
      const word = cells + imul(from[at], width);
      const x = (from[at + 1] >> 16) * MOST_ROWS + 1;
      let p = from[word];
      let q = from[word + 1];
      a[p & 255] += x;
      a[((p >>> 8) & 255) | 256] += x;
      a[((p >>> 16) & 255) | 512] += x;
      a[(p >>> 24) | 768] += x;
      a[(q & 255) | 1024] += x;
      a[((q >>> 8) & 255) | 1280] += x;
      a[((q >>> 16) & 255) | 1536] += x;
      a[(q >>> 24) | 1792] += x;
      p = from[word + 2];
      q = from[word + 3];
      b[p & 255] += x;
      b[((p >>> 8) & 255) | 256] += x;
      b[((p >>> 16) & 255) | 512] += x;
      b[(p >>> 24) | 768] += x;
      b[(q & 255) | 1024] += x;
      b[((q >>> 8) & 255) | 1280] += x;
      b[((q >>> 16) & 255) | 1536] += x;
      b[(q >>> 24) | 1792] += x;
      p = from[word + 4];
      q = from[word + 5];
      c[p & 255] += x;
      c[((p >>> 8) & 255) | 256] += x;
      c[((p >>> 16) & 255) | 512] += x;
      c[(p >>> 24) | 768] += x;
      c[(q & 255) | 1024] += x;
      c[((q >>> 8) & 255) | 1280] += x;
      c[((q >>> 16) & 255) | 1536] += x;
      c[(q >>> 24) | 1792] += x;
      p = from[word + 6];
      q = from[word + 7];
      d[p & 255] += x;
      d[((p >>> 8) & 255) | 256] += x;
      d[((p >>> 16) & 255) | 512] += x;
      d[(p >>> 24) | 768] += x;
      d[(q & 255) | 1024] += x;
      d[((q >>> 8) & 255) | 1280] += x;
      d[((q >>> 16) & 255) | 1536] += x;
      d[(q >>> 24) | 1792] += x;
    }
  };

  /** Four columns of the rows listed, from slot `base` on. */
  const addWord = (to: Float64Array, base: number, cells: number, width: number, list: number, end: number) => {
    const from = words;
    for (let at = list; at < end; at += 2) {
      const bins = from[cells + imul(from[at], width)];
      const x = (from[at + 1] >> 16) * MOST_ROWS + 1;
      to[base | (bins & 255)] += x;
      to[base | ((bins >>> 8) & 255) | 256] += x;
      to[base | ((bins >>> 16) & 255) | 512] += x;
      to[base | (bins >>> 24) | 768] += x;
    }
  };

  /** One column, `cell` bytes into a row, from slot `base` on. */
  const addCell = (to: Float64Array, base: number, cell: number, stride: number, list: number, end: number) => {
    const [from, bins] = [words, bytes];
    for (let at = list; at < end; at += 2) {
      to[base | bins[cell + imul(from[at], stride)]] += (from[at + 1] >> 16) * MOST_ROWS + 1;
    }
  };

  /** Four columns with hessians of their own. */
  const addFour = (first: number, cells: number, width: number, list: number, end: number): void => {
    const to = words;
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

  /** Neighbouring columns of the rows listed into doubles. */
  const addSums = (cells: number, width: number, count: number, list: number, end: number): void => {
    let j = 0;
    for (; j + 24 < count; j += 32) {
      const part = [sums[j >> 3], sums[(j >> 3) + 1], sums[(j >> 3) + 2], sums[(j >> 3) + 3]];
      addEightWords(part, cells + (j >> 2), width, list, end);
    }
    for (; j < count; j += 4) addWord(sums[j >> 3], (j & 7) << 8, cells + (j >> 2), width, list, end);
  };

  /** Adds the sums kept as doubles to the slots, and clears them. */
  const unpack = (from: Float64Array, first: number, slots: number): void => {
    const to = words;
    for (let slot = 0, at = first; slot < slots; slot++, at += 2) {
      const sum = from[slot];
      if (sum === 0) continue;
      const g = floor(sum / MOST_ROWS);
      to[at] += sum - g * MOST_ROWS;
      to[at + 1] += g;
    }
    from.fill(0);
  };

  return (hasUnitHessians, histogram, bins, stride, columns, count, contiguous, rows, rowCount) => {
    const inDoubles = hasUnitHessians && rowCount >= FEW_ROWS && rowCount < MOST_ROWS;
    while (sums.length * COLUMNS < count) sums.push(new Float64Array(SLOTS));
    const [cells, width, first, slots] = [bins >>> 2, stride >>> 2, rows >>> 2, histogram >>> 2];
    const cellOf = (j: number): number => bins + words[(columns >>> 2) + j];
    const last = first + 2 * rowCount;
    touch(cells, width, first, min(last, first + 2 * TOGETHER));
    for (let list = first; list < last; list += 2 * TOGETHER) {
      const end = min(last, list + 2 * TOGETHER);
      touch(cells, width, end, min(last, end + 2 * TOGETHER));
      let j = 0;
      if (contiguous && inDoubles) {
        addSums(cells, width, count, list, end);
        continue;
      }
      if (contiguous) {
        for (; j + 4 <= count; j += 4) addFour(slots + 512 * j, cells + (j >> 2), width, list, end);
      }
      for (; j < count; j++) {
        if (inDoubles) addCell(sums[j >> 3], (j & 7) << 8, cellOf(j), stride, list, end);
        else addOne(slots + 512 * j, cellOf(j), stride, list, end);
      }
    }
    for (let j = 0; inDoubles && j < count; j += COLUMNS) {
      unpack(sums[j >> 3], slots + 512 * j, 256 * min(COLUMNS, count - j));
    }
  };
}
