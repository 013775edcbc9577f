/**
 * The loops that take nearly all the time of a fit, over plain typed arrays and without state, so that a
 * compiled version can stand in for them. All sums are of whole numbers below 2^53 and therefore exact: the order of
 * the rows, or a split of the rows over threads, cannot change a bit of the result.
 *
 * A histogram slot holds the packed sum `gradient * 2^countBits + rows`, and, when the loss has a hessian of its own,
 * beside it the hessian sum.
 */

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { imul } = Math;

/** Two bytes a cell unless the features have more than 65,536 bins together. */
export type SlotArray = Uint16Array | Uint32Array;

/**
 * Adds the rows `rows[begin..end)` to a histogram with one number per slot (the hessian is the row count).
 * Four slots at a time and index arithmetic kept to 32 bits: several times faster than the plain loop.
 * @param slots histogram slot of every cell, row-major, `stride` (a multiple of four) cells a row
 */
export function addRows(
  histogram: Float64Array,
  slots: SlotArray,
  stride: number,
  rows: Int32Array,
  begin: number,
  end: number,
  packed: Float64Array,
): void {
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const add = packed[row];
    const stop = (imul(row, stride) + stride) | 0;
    for (let at = imul(row, stride); at < stop; at = (at + 4) | 0) {
      histogram[slots[at]] += add;
      histogram[slots[(at + 1) | 0]] += add;
      histogram[slots[(at + 2) | 0]] += add;
      histogram[slots[(at + 3) | 0]] += add;
    }
  }
}

/** {@link addRows} with two numbers per slot: packed sum, hessian sum. */
export function addRowsWithHessian(
  histogram: Float64Array,
  slots: SlotArray,
  stride: number,
  rows: Int32Array,
  begin: number,
  end: number,
  packed: Float64Array,
  hessian: Float64Array,
): void {
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const add = packed[row];
    const addHessian = hessian[row];
    const stop = (imul(row, stride) + stride) | 0;
    for (let at = imul(row, stride); at < stop; at = (at + 4) | 0) {
      const a = slots[at] << 1;
      const b = slots[(at + 1) | 0] << 1;
      const c = slots[(at + 2) | 0] << 1;
      const d = slots[(at + 3) | 0] << 1;
      histogram[a] += add;
      histogram[a | 1] += addHessian;
      histogram[b] += add;
      histogram[b | 1] += addHessian;
      histogram[c] += add;
      histogram[c | 1] += addHessian;
      histogram[d] += add;
      histogram[d | 1] += addHessian;
    }
  }
}

/** {@link addRows} for some columns only; `columns` has a multiple of four entries. */
export function addColumns(
  histogram: Float64Array,
  slots: SlotArray,
  stride: number,
  columns: Int32Array,
  rows: Int32Array,
  begin: number,
  end: number,
  packed: Float64Array,
): void {
  const used = columns.length;
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const at = imul(row, stride);
    const add = packed[row];
    for (let j = 0; j < used; j = (j + 4) | 0) {
      histogram[slots[(at + columns[j]) | 0]] += add;
      histogram[slots[(at + columns[(j + 1) | 0]) | 0]] += add;
      histogram[slots[(at + columns[(j + 2) | 0]) | 0]] += add;
      histogram[slots[(at + columns[(j + 3) | 0]) | 0]] += add;
    }
  }
}

/** {@link addRowsWithHessian} for some columns only; `columns` has a multiple of four entries. */
export function addColumnsWithHessian(
  histogram: Float64Array,
  slots: SlotArray,
  stride: number,
  columns: Int32Array,
  rows: Int32Array,
  begin: number,
  end: number,
  packed: Float64Array,
  hessian: Float64Array,
): void {
  const used = columns.length;
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const at = imul(row, stride);
    const add = packed[row];
    const addHessian = hessian[row];
    for (let j = 0; j < used; j = (j + 4) | 0) {
      const a = slots[(at + columns[j]) | 0] << 1;
      const b = slots[(at + columns[(j + 1) | 0]) | 0] << 1;
      const c = slots[(at + columns[(j + 2) | 0]) | 0] << 1;
      const d = slots[(at + columns[(j + 3) | 0]) | 0] << 1;
      histogram[a] += add;
      histogram[a | 1] += addHessian;
      histogram[b] += add;
      histogram[b | 1] += addHessian;
      histogram[c] += add;
      histogram[c | 1] += addHessian;
      histogram[d] += add;
      histogram[d | 1] += addHessian;
    }
  }
}

/** `larger -= smaller`, slot by slot: turns the parent's histogram into that of the larger child. */
export function subtractHistogram(larger: Float64Array, smaller: Float64Array, length: number): void {
  for (let i = 0; i < length; i++) larger[i] -= smaller[i];
}

/**
 * Reorders `rows[begin..end)` so that the rows going left come first, each side keeping its order.
 * @param column bins of the split feature by row; bin 0 is missing
 * @param bin highest bin that goes left
 * @returns where the right side begins
 */
export function partitionRows(
  rows: Int32Array,
  begin: number,
  end: number,
  column: Uint8Array,
  bin: number,
  missingLeft: boolean,
  scratch: Int32Array,
): number {
  // Bin 0 is below every other; shifting by one wraps it to 255, above every border.
  const shift = missingLeft ? 0 : 1;
  const limit = bin - shift;
  let left = begin;
  let right = 0;
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const goesLeft = ((column[row] - shift) & 255) <= limit ? 1 : 0;
    rows[left] = row;
    scratch[right] = row;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  for (let i = 0; i < right; i++) rows[left + i] = scratch[i];
  return left;
}
