import type { Covariate } from '../series/panel.ts';
import type { Feature } from './spec.ts';
import type { RowSpan } from './row-span.ts';

/** Running sums of one covariate for one series; entry `t` tells about the periods before `t`. */
export interface CovariateSums {
  readonly covariate: Covariate;
  readonly periodCount: number;
  /** Row of the covariate's values that is loaded; rows shared by neighbouring series are summed once. */
  row: number;
  readonly sum: Float64Array;
  readonly count: Float64Array;
  readonly last: Float64Array;
  /** Units and number of the observed periods in which the flag is set; empty unless a feature reads them. */
  readonly flaggedSum: Float64Array;
  readonly flaggedCount: Float64Array;
}

/** Empty sums for the features that read them. */
export function newCovariateSums(
  covariate: Covariate,
  periodCount: number,
  features: readonly Feature[],
): CovariateSums {
  const states = features.some(
    (feature) => feature.kind === 'covariate_state_mean' && feature.covariate === covariate.name,
  );
  const array = (needed: boolean) => new Float64Array(needed ? periodCount + 1 : 0);
  return {
    covariate,
    periodCount,
    row: -1,
    sum: array(true),
    count: array(true),
    last: array(true),
    flaggedSum: array(states),
    flaggedCount: array(states),
  };
}

/** Fills the sums for one series. @param units sales per period, NaN where not observed */
export function loadCovariate(sums: CovariateSums, series: number, units: Float64Array): void {
  const row = sums.covariate.rowOf[series];
  if (row !== sums.row) sumRow(sums, row);
  if (sums.flaggedSum.length > 0) sumFlagged(sums, units);
}

function sumRow(sums: CovariateSums, row: number): void {
  sums.row = row;
  const { covariate, sum, count, last, periodCount } = sums;
  const { values, stride } = covariate;
  const offset = row * stride;
  let total = 0;
  let known = 0;
  let latest = NaN;
  last[0] = NaN;
  for (let t = 0; t < periodCount; t++) {
    const value = t < stride ? values[offset + t] : NaN;
    if (value === value) {
      total += value;
      known++;
      latest = value;
    }
    sum[t + 1] = total;
    count[t + 1] = known;
    last[t + 1] = latest;
  }
}

function sumFlagged({ covariate, row, flaggedSum, flaggedCount }: CovariateSums, units: Float64Array): void {
  const { values, stride } = covariate;
  const offset = row * stride;
  let total = 0;
  let seen = 0;
  for (let t = 0; t < units.length; t++) {
    const value = units[t];
    if (value >= 0 && t < stride && values[offset + t] > 0) {
      total += value;
      seen++;
    }
    flaggedSum[t + 1] = total;
    flaggedCount[t + 1] = seen;
  }
}

/** The value in the target period, or what is expected of it where the origin lies too far before to know it. */
export function fillCovariate(
  { covariate, row: valueRow }: CovariateSums,
  { origin, target, from, to }: RowSpan,
  out: Float32Array,
) {
  const { values, expected, stride, reach = Infinity } = covariate;
  const offset = valueRow * stride;
  for (let row = from; row < to; row++) {
    const t = target[row];
    const told = t - origin[row] < reach ? values : expected;
    out[row] = t < stride && told ? told[offset + t] : NaN;
  }
}

/** The value in the target period minus the mean of the known ones of the window before the origin. */
export function fillCovariateChange(sums: CovariateSums, rows: RowSpan, out: Float32Array, window: number) {
  const { sum, count } = sums;
  fillCovariate(sums, rows, out);
  for (let row = rows.from; row < rows.to; row++) {
    const end = rows.origin[row];
    const start = end > window ? end - window : 0;
    const known = count[end] - count[start];
    out[row] = known > 0 ? out[row] - (sum[end] - sum[start]) / known : NaN;
  }
}
