import { createRng } from '../rng.ts';
import { InvalidInputError } from '../errors.ts';
import type { FeatureColumns } from './types.ts';

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { abs, floor } = Math;

/** The bin of every missing value; ordinary values start at bin 1. */
export const MISSING_BIN = 0;

/** Rows looked at to place the bin borders; more change the borders by less than sampling noise. */
const SKETCH_ROWS = 50_000;
const SKETCH_SEED = 0x5e1f;

/** Above every float32 value, yet finite, so that a stored model stays plain numbers. */
const TOP_BORDER = 3.4028234663852886e38;

/** How the values of one feature fall into bins. */
export interface FeatureBins {
  /** Upper border of bins 1, 2, …; the last one is above every value. Empty for categories. */
  readonly borders: Float32Array;
  /** The categories of each of the bins 1, 2, …; null for a number. */
  readonly categories: readonly (readonly number[])[] | null;
  /** Bins without that of missing values. */
  readonly count: number;
}

/** Between two neighbours, on the float32 grid, never reaching the upper one. */
function borderBetween(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2);
  return middle >= lower && middle < upper ? middle : lower;
}

/** One finite value from each of evenly spread, randomly jittered strata, sorted. */
function sketch(column: Float32Array, rowCount: number): Float32Array {
  const size = Math.min(rowCount, SKETCH_ROWS);
  const rng = size < rowCount ? createRng(SKETCH_SEED) : () => 0;
  const values = new Float32Array(size);
  let kept = 0;
  for (let i = 0; i < size; i++) {
    const row = Math.min(rowCount - 1, floor(((i + rng()) * rowCount) / size));
    const value = column[row];
    if (Number.isFinite(value)) values[kept++] = value;
  }
  return values.subarray(0, kept).sort();
}

/**
 * Upper bin borders of one feature: one bin per distinct value when there are few, else bins of about equal frequency
 * in which a value more frequent than the average bin stands alone.
 */
export function findBorders(sorted: Float32Array, maxBins: number): Float32Array {
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    const last = values.length - 1;
    if (last >= 0 && values[last] === value) counts[last]++;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  if (values.length === 0) return new Float32Array([TOP_BORDER]);
  const borders: number[] = [];
  if (values.length <= maxBins) {
    for (let i = 0; i + 1 < values.length; i++) borders.push(borderBetween(values[i], values[i + 1]));
  } else {
    let rowsLeft = sorted.length;
    let inBin = 0;
    for (let i = 0; i + 1 < values.length && borders.length < maxBins - 1; i++) {
      inBin += counts[i];
      const fair = rowsLeft / (maxBins - borders.length);
      if (inBin >= fair || counts[i + 1] >= fair) {
        borders.push(borderBetween(values[i], values[i + 1]));
        rowsLeft -= inBin;
        inBin = 0;
      }
    }
  }
  borders.push(TOP_BORDER);
  return new Float32Array(borders);
}

/** Highest number a category may have: the sets of categories are stored as bits. */
export const HIGHEST_CATEGORY = 65_535;

/** Rows' worth of the overall mean that the mean of a category is drawn to when categories are grouped. */
const GROUPING_ROWS = 10;

/**
 * One bin for each category, most frequent first; where there are more than bins, those with neighbouring mean targets
 * share bins of about equal frequency: Fisher (1958) shows that for one cut the best groups are neighbours in this order.
 */
function findCategories(name: string, column: Float32Array, maxBins: number, target: Float32Array): number[][] {
  const counts = new Float64Array(HIGHEST_CATEGORY + 1);
  const sums = new Float64Array(HIGHEST_CATEGORY + 1);
  let rows = 0;
  let total = 0;
  for (let row = 0; row < column.length; row++) {
    const value = column[row];
    if (!(abs(value) <= TOP_BORDER)) continue;
    if (!(value >= 0 && value <= HIGHEST_CATEGORY && floor(value) === value)) {
      throw new InvalidInputError(
        `feature ${name} must hold whole numbers from 0 to ${HIGHEST_CATEGORY} as categories`,
      );
    }
    counts[value]++;
    sums[value] += target[row];
    rows++;
    total += target[row];
  }
  const seen: number[] = [];
  for (let category = 0; category <= HIGHEST_CATEGORY; category++) if (counts[category] > 0) seen.push(category);
  if (seen.length <= maxBins) {
    return seen.sort((a, b) => counts[b] - counts[a] || a - b).map((category) => [category]);
  }
  const means = sums.map((sum, c) => (sum + (GROUPING_ROWS * total) / rows) / (counts[c] + GROUPING_ROWS));
  seen.sort((a, b) => means[a] - means[b] || a - b);
  const bins: number[][] = [[]];
  let inBin = 0;
  for (const category of seen) {
    if (inBin >= rows / (maxBins - bins.length + 1) && bins.length < maxBins) {
      bins.push([]);
      rows -= inBin;
      inBin = 0;
    }
    bins[bins.length - 1].push(category);
    inBin += counts[category];
  }
  return bins;
}

/**
 * Places the bins of every feature; NaN and infinities count as missing.
 * @param categorical names of the features that hold categories
 * @param target by whose means categories are grouped where there are more of them than bins
 * @throws InvalidInputError when the columns do not have `rowCount` entries each or a category is no whole number
 */
export function findBins(
  data: FeatureColumns,
  maxBins: number,
  categorical: ReadonlySet<string>,
  target: Float32Array,
): FeatureBins[] {
  const { names, columns, rowCount } = data;
  if (names.length !== columns.length) throw new InvalidInputError('data.names and data.columns differ in length');
  return columns.map((column, f) => {
    if (column.length !== rowCount) throw new InvalidInputError(`data.columns[${f}] must have ${rowCount} entries`);
    if (categorical.has(names[f])) {
      const categories = findCategories(names[f], column, maxBins, target);
      return { borders: new Float32Array(0), categories, count: categories.length };
    }
    const borders = findBorders(sketch(column, rowCount), maxBins);
    return { borders, categories: null, count: borders.length };
  });
}

/** Writes the bins of a column of categories. */
function encodeCategories(column: Float32Array, categories: readonly (readonly number[])[], out: Uint8Array): void {
  const binOf = new Uint8Array(HIGHEST_CATEGORY + 1);
  categories.forEach((members, i) => {
    for (const category of members) binOf[category] = i + 1;
  });
  for (let row = 0; row < out.length; row++) {
    const value = column[row];
    out[row] = value >= 0 && value <= HIGHEST_CATEGORY ? binOf[value] : MISSING_BIN;
  }
}

/** Cells of equal width that the range of the borders is divided into. */
const CELLS = 4096;

/** Writes the bins of one column. */
export function encodeColumn(column: Float32Array, { borders, categories }: FeatureBins, out: Uint8Array): void {
  if (categories !== null) {
    encodeCategories(column, categories, out);
    return;
  }
  // A value's cell leaves few borders to compare it with, mostly none or one: a third of a search through all of them.
  const top = borders.length - 1;
  const first = borders[0];
  const perUnit = top > 1 && borders[top - 1] > first ? CELLS / (borders[top - 1] - first) : 0;
  const cellOf = (value: number): number => {
    const cell = (value - first) * perUnit + 1;
    return cell > 0 ? (cell < CELLS + 2 ? floor(cell) : CELLS + 2) : 0;
  };
  /** Per cell how many borders, the last one apart, lie in cells before it. */
  const before = new Uint8Array(CELLS + 4);
  for (let b = 0; b < top; b++) before[cellOf(borders[b]) + 1]++;
  for (let cell = 1; cell < before.length; cell++) before[cell] += before[cell - 1];
  for (let row = 0; row < out.length; row++) {
    const value = column[row];
    if (!(abs(value) <= TOP_BORDER)) {
      out[row] = MISSING_BIN;
      continue;
    }
    const cell = cellOf(value);
    let low = before[cell];
    let high = before[cell + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= borders[middle]) high = middle;
      else low = middle + 1;
    }
    out[row] = low + 1;
  }
}

/** Copies bins by column, `rowCount` a column, into rows of `stride` bytes. */
export function binsByRow(columnMajor: Uint8Array, rowCount: number, stride: number, rowMajor: Uint8Array): void {
  const features = columnMajor.length / rowCount;
  // Blocks of rows keep the written lines in the cache while the features pass over them.
  for (let begin = 0; begin < rowCount; begin += 256) {
    const end = Math.min(rowCount, begin + 256);
    for (let f = 0; f < features; f++) {
      const column = f * rowCount;
      for (let row = begin, at = begin * stride + f; row < end; row++, at += stride) {
        rowMajor[at] = columnMajor[column + row];
      }
    }
  }
}
