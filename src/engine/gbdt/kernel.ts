/**
 * The three loops that take nearly all the time of a fit, over plain typed arrays and without state, so that a
 * compiled version can stand in for them. All sums are of whole numbers below 2^53 and therefore exact: the order of
 * the rows, or a split of the rows over threads, cannot change a bit of the result.
 *
 * A histogram slot holds the packed sum `gradient * 2^countBits + rows`, and, when the loss has a hessian of its own,
 * beside it the hessian sum.
 */

/** Adds the rows `rows[begin..end)` to a histogram with one number per slot (the hessian is the row count). */
export function addRows(
  histogram: Float64Array,
  bins: Uint8Array,
  featureCount: number,
  features: Int32Array,
  offsets: Int32Array,
  rows: Uint32Array,
  begin: number,
  end: number,
  packed: Float64Array,
): void {
  const used = features.length;
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const at = row * featureCount;
    const add = packed[row];
    for (let j = 0; j < used; j++) histogram[offsets[j] + bins[at + features[j]]] += add;
  }
}

/** Adds the rows `rows[begin..end)` to a histogram with two numbers per slot: packed sum, hessian sum. */
export function addRowsWithHessian(
  histogram: Float64Array,
  bins: Uint8Array,
  featureCount: number,
  features: Int32Array,
  offsets: Int32Array,
  rows: Uint32Array,
  begin: number,
  end: number,
  packed: Float64Array,
  hessian: Float64Array,
): void {
  const used = features.length;
  for (let i = begin; i < end; i++) {
    const row = rows[i];
    const at = row * featureCount;
    const add = packed[row];
    const addHessian = hessian[row];
    for (let j = 0; j < used; j++) {
      const slot = (offsets[j] + bins[at + features[j]]) << 1;
      histogram[slot] += add;
      histogram[slot + 1] += addHessian;
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
  rows: Uint32Array,
  begin: number,
  end: number,
  column: Uint8Array,
  bin: number,
  missingLeft: boolean,
  scratch: Uint32Array,
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
