import { createRng } from '../rng.ts';
import { InvalidInputError } from '../errors.ts';
import type { SlotArray } from './kernel.ts';
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

/** A design matrix with each value replaced by the number of its bin. */
export interface BinnedMatrix {
  readonly names: readonly string[];
  readonly rowCount: number;
  readonly featureCount: number;
  /**
   * Histogram slot of (row, feature), that is `slotStart[feature] + bin`, at `row * stride + feature`. The columns from
   * `featureCount` to `stride` fill the row up to a multiple of four with a slot nobody reads; there is always one.
   */
  readonly slots: SlotArray;
  readonly stride: number;
  /** First slot of each feature (its missing bin); one more entry for the end, which is the filler slot. */
  readonly slotStart: Int32Array;
  /** Bin of (row, feature) at `feature * rowCount + row`: for partitioning. */
  readonly columnMajor: Uint8Array;
  /** Per feature the upper border of bins 1, 2, …; the last one is above every value. */
  readonly borders: readonly Float32Array[];
  /** Per feature: 1 when some row misses it. */
  readonly hasMissing: Uint8Array;
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

/** Writes the bins of one column; returns whether a value was missing. */
function encodeColumn(column: Float32Array, borders: Float32Array, out: Uint8Array): boolean {
  const top = borders.length - 1;
  let missing = false;
  for (let row = 0; row < out.length; row++) {
    const value = column[row];
    if (!(abs(value) <= TOP_BORDER)) {
      missing = true;
      out[row] = MISSING_BIN;
      continue;
    }
    let low = 0;
    let high = top;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= borders[middle]) high = middle;
      else low = middle + 1;
    }
    out[row] = low + 1;
  }
  return missing;
}

/**
 * Bins every feature. NaN and infinities count as missing.
 * @throws InvalidInputError when the columns do not have `rowCount` entries each
 */
export function binFeatures(data: FeatureColumns, maxBins: number): BinnedMatrix {
  const { names, columns, rowCount } = data;
  const featureCount = columns.length;
  if (names.length !== featureCount) throw new InvalidInputError('data.names and data.columns differ in length');
  columns.forEach((column, f) => {
    if (column.length !== rowCount) throw new InvalidInputError(`data.columns[${f}] must have ${rowCount} entries`);
  });
  const columnMajor = new Uint8Array(rowCount * featureCount);
  const hasMissing = new Uint8Array(featureCount);
  const slotStart = new Int32Array(featureCount + 1);
  const borders: Float32Array[] = [];
  for (let f = 0; f < featureCount; f++) {
    const featureBorders = findBorders(sketch(columns[f], rowCount), maxBins);
    const bins = columnMajor.subarray(f * rowCount, (f + 1) * rowCount);
    hasMissing[f] = encodeColumn(columns[f], featureBorders, bins) ? 1 : 0;
    slotStart[f + 1] = slotStart[f] + featureBorders.length + 1;
    borders.push(featureBorders);
  }
  const stride = (featureCount + 4) & ~3;
  const slots = slotsByRow(columnMajor, rowCount, stride, slotStart);
  return { names, rowCount, featureCount, slots, stride, slotStart, columnMajor, borders, hasMissing };
}

function slotsByRow(columnMajor: Uint8Array, rowCount: number, stride: number, slotStart: Int32Array): SlotArray {
  const features = slotStart.length - 1;
  const filler = slotStart[features];
  const cells = rowCount * stride;
  const slots = filler < 65_536 ? new Uint16Array(cells) : new Uint32Array(cells);
  // Blocks of rows keep the written lines in the cache while the features pass over them.
  for (let begin = 0; begin < rowCount; begin += 256) {
    const end = Math.min(rowCount, begin + 256);
    for (let f = 0; f < stride; f++) {
      const start = f < features ? slotStart[f] : filler;
      for (let row = begin, at = begin * stride + f; row < end; row++, at += stride) {
        slots[at] = f < features ? start + columnMajor[f * rowCount + row] : filler;
      }
    }
  }
  return slots;
}
