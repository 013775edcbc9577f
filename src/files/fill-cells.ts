import { TRAITS, type Frequency } from '../engine/index.ts';

/** Rows of a table that fall into a span of periods: the cell of each row, -1 outside. */
export interface Cells {
  readonly cellOf: Int32Array;
  readonly size: number;
}

/** Units per cell: rows of one cell add up, NaN where no row says anything; sums below zero become 0. */
export function sumCells(
  cells: Cells,
  values: Float32Array,
): { readonly sums: Float32Array; readonly negatives: number } {
  const sums = new Float32Array(cells.size).fill(NaN);
  for (let row = 0; row < values.length; row++) {
    const cell = cells.cellOf[row];
    const value = values[row];
    if (cell < 0 || value !== value) continue;
    sums[cell] = (sums[cell] === sums[cell] ? sums[cell] : 0) + value;
  }
  let negatives = 0;
  for (let cell = 0; cell < sums.length; cell++) {
    if (!(sums[cell] < 0)) continue;
    sums[cell] = 0;
    negatives++;
  }
  return { sums, negatives };
}

/** Mean of the known values of each cell, NaN where there are none. */
export function meanCells(cells: Cells, values: Float32Array): Float32Array {
  const means = new Float32Array(cells.size).fill(NaN);
  const counts = new Uint16Array(cells.size);
  for (let row = 0; row < values.length; row++) {
    const cell = cells.cellOf[row];
    const value = values[row];
    if (cell < 0 || value !== value) continue;
    const count = ++counts[cell];
    means[cell] = count === 1 ? value : means[cell] + (value - means[cell]) / count;
  }
  return means;
}

/** Largest known value of each cell, NaN where there are none. */
export function maxCells(cells: Cells, values: Float32Array): Float32Array {
  const most = new Float32Array(cells.size).fill(NaN);
  for (let row = 0; row < values.length; row++) {
    const cell = cells.cellOf[row];
    const value = values[row];
    if (cell >= 0 && value === value && !(most[cell] >= value)) most[cell] = value;
  }
  return most;
}

/**
 * Which periods count as observed, so that a series without a row sold nothing then: those in which any series has a
 * row, and those in which it is the rule that none has one, such as a weekday on which the shop is closed.
 */
export function observedPeriods(frequency: Frequency, hasRow: Uint8Array): Uint8Array {
  const { season, longSeason } = TRAITS[frequency];
  const length = frequency === 'hourly' ? (longSeason ?? season) : season;
  const observed = hasRow.slice();
  if (frequency === 'weekly' || frequency === 'monthly') return observed;
  for (let position = 0; position < length; position++) {
    let open = 0;
    let all = 0;
    for (let t = position; t < hasRow.length; t += length, all++) open += hasRow[t];
    if (all < 4 || open * 2 > all) continue;
    for (let t = position; t < hasRow.length; t += length) observed[t] = 1;
  }
  return observed;
}
