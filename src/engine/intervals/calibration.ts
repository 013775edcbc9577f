import { QUANTILE_LEVELS } from '../pipeline/types.ts';
import { conformalQuantile } from './conformal.ts';
import { normalQuantile } from '../replenishment/index.ts';

/** Past forecasts and outcomes from which intervals are measured. */
export interface CalibrationSample {
  /** Forecast means, row-major `[rows * horizon]`. */
  readonly mean: Float32Array;
  /** Units sold, NaN where they say nothing. */
  readonly actual: Float32Array;
  /** Per row: variance of a day over its mean, as the row's own history showed. */
  readonly dispersion: Float32Array;
  readonly horizon: number;
}

/** Measured spread of the outcomes around the forecasts; plain data. */
export interface Calibration {
  /** Upper bounds of the classes of forecast size; the last class has none. */
  readonly sizeEdges: readonly number[];
  /** Last day ahead (from 1) of each horizon bucket; later days take the last bucket, widened. */
  readonly bucketEnds: readonly number[];
  /** Quantiles of the scaled residuals: `[size class][bucket][level]`. */
  readonly scores: readonly (readonly (readonly number[])[])[];
  /** Per size class: measured variance over `dispersion * mean`. */
  readonly varianceFactor: readonly number[];
  /** Entry `n - 1`: variance of an n-day sum over the sum of the daily variances. */
  readonly sumInflation: readonly number[];
}

/** Residual scores of one cell; those of days with a sale also apart. */
interface Scores {
  readonly all: number[];
  readonly ofSales: number[];
}

interface SortedScores {
  readonly all: Float64Array;
  readonly ofSales: Float64Array;
}

const SIZE_CLASSES = 12;
/** Residuals that a cell needs for its own tails; smaller cells borrow from the class, then from all. */
const FEWEST_IN_CELL = 200;
/** Outcomes from which a spread can be told, though not its shape. */
const FEWEST_FOR_SPREAD = 12;
/** Outcomes that a group of rows needs for a calibration of its own. */
const FEWEST_IN_GROUP = 2000;
/** Forecasts below this are scaled as if they were this large. */
const SMALLEST_MEAN = 1e-3;
/** Beyond the days measured, spread grows with this power of the distance. */
const GROWTH_POWER = 0.25;
/** Overdispersion assumed where nothing could be measured. */
const DEFAULT_DISPERSION = 2;

/** Scale of a residual: its standard deviation if variance is `dispersion` times the mean. */
export function residualScale(mean: number, dispersion: number): number {
  return Math.sqrt(Math.max(mean, SMALLEST_MEAN) * dispersion);
}

/**
 * Measures quantiles of (actual − mean) / √(dispersion · mean) per class of forecast size and horizon bucket, with the
 * finite-sample ranks of split conformal prediction, and how the variance of sums over days grows.
 */
export function calibrate(sample: CalibrationSample): Calibration {
  const { mean, actual, dispersion, horizon } = sample;
  const usable: number[] = [];
  for (let i = 0; i < actual.length; i++) if (actual[i] >= 0) usable.push(i);
  if (usable.length < FEWEST_FOR_SPREAD) return defaultCalibration(horizon);
  if (usable.length < FEWEST_IN_CELL) return normalCalibration(sample, usable);
  const sizes = Float32Array.from(usable, (i) => mean[i]).sort();
  const sizeEdges: number[] = [];
  for (let c = 1; c < SIZE_CLASSES; c++) {
    const edge = sizes[Math.floor((c * sizes.length) / SIZE_CLASSES)];
    if (edge > (sizeEdges.at(-1) ?? 0)) sizeEdges.push(edge);
  }
  const bucketEnds = bucketEndsOf(horizon);
  const cells = sizeEdges.concat(Infinity).map(() => bucketEnds.map((): Scores => ({ all: [], ofSales: [] })));
  const squares = new Float64Array(cells.length);
  const expected = new Float64Array(cells.length);
  for (const i of usable) {
    const row = Math.floor(i / horizon);
    const size = sizeClass(sizeEdges, mean[i]);
    const residual = actual[i] - mean[i];
    const cell = cells[size][bucketOf(bucketEnds, i % horizon)];
    const score = residual / residualScale(mean[i], dispersion[row]);
    cell.all.push(score);
    if (actual[i] > 0) cell.ofSales.push(score);
    squares[size] += residual * residual;
    expected[size] += dispersion[row] * Math.max(mean[i], SMALLEST_MEAN);
  }
  const everything = pool(cells.flat());
  const scores = cells.map((buckets) => {
    const whole = pool(buckets);
    return buckets.map((cell) =>
      cell.all.length >= FEWEST_IN_CELL
        ? intervalScores([pool([cell]), whole, everything])
        : intervalScores([whole, everything]),
    );
  });
  const varianceFactor = Array.from(squares, (sum, c) => (expected[c] > 0 ? Math.max(0.05, sum / expected[c]) : 1));
  const draft = { sizeEdges, bucketEnds, scores, varianceFactor, sumInflation: [1] };
  return { ...draft, sumInflation: measureSums(sample, draft) };
}

/** Calibration where there is nothing to measure: overdispersed and symmetric. */
export function defaultCalibration(horizon: number): Calibration {
  return normalSpread(horizon, DEFAULT_DISPERSION);
}

/** Calibration by the variance of few scores alone, a little wider than measured because they are few. */
function normalCalibration(sample: CalibrationSample, usable: readonly number[]): Calibration {
  const { mean, actual, dispersion, horizon } = sample;
  let squares = 0;
  for (const i of usable) {
    const scale = residualScale(mean[i], dispersion[Math.floor(i / horizon)]);
    squares += ((actual[i] - mean[i]) / scale) ** 2;
  }
  const count = usable.length;
  const draft = normalSpread(horizon, Math.max(1e-6, (squares / count) * (1 + 2 / count)));
  return { ...draft, sumInflation: measureSums(sample, draft) };
}

/** Normal quantiles of one variance for all sizes and horizons. */
function normalSpread(horizon: number, variance: number): Calibration {
  const scores = QUANTILE_LEVELS.map((level) => normalQuantile(level) * Math.sqrt(variance));
  return { sizeEdges: [], bucketEnds: [horizon], scores: [[scores]], varianceFactor: [variance], sumInflation: [1] };
}

/**
 * Calibrates groups of rows apart, since demand of different classes scatters differently. Groups with few outcomes take
 * what is measured on all rows.
 * @param groupOf group per row, 0 … `groupCount - 1`
 */
export function calibrateGroups(sample: CalibrationSample, groupOf: Uint8Array, groupCount: number): Calibration[] {
  const { horizon } = sample;
  const pooled = calibrate(sample);
  return Array.from({ length: groupCount }, (_, group) => {
    const rows = Int32Array.from(groupOf.keys()).filter((row) => groupOf[row] === group);
    const pick = (values: Float32Array, width: number) => {
      const out = new Float32Array(rows.length * width);
      rows.forEach((row, at) => out.set(values.subarray(row * width, (row + 1) * width), at * width));
      return out;
    };
    const actual = pick(sample.actual, horizon);
    let known = 0;
    for (const y of actual) if (y >= 0) known++;
    if (known < FEWEST_IN_GROUP) return pooled;
    const own = { mean: pick(sample.mean, horizon), actual, dispersion: pick(sample.dispersion, 1), horizon };
    return { ...calibrate(own), sumInflation: pooled.sumInflation };
  });
}

/** Scores of all levels for a forecast of some size, so many periods ahead. */
export function scoresAt({ sizeEdges, bucketEnds, scores }: Calibration, mean: number, ahead: number) {
  return scores[sizeClass(sizeEdges, mean)][bucketOf(bucketEnds, ahead - 1)];
}

/** Quantile forecasts, one array per level like `mean`; never negative, never crossing. @param groupOf group per row */
export function quantilesAround(
  calibrations: readonly Calibration[],
  groupOf: Uint8Array,
  mean: Float32Array,
  dispersion: Float32Array,
  horizon: number,
): Float32Array[] {
  const quantiles = QUANTILE_LEVELS.map(() => new Float32Array(mean.length));
  for (let i = 0; i < mean.length; i++) {
    if (!(mean[i] > 0)) continue;
    const calibration = calibrations[groupOf[Math.floor(i / horizon)]];
    const { bucketEnds } = calibration;
    const measured = bucketEnds[bucketEnds.length - 1];
    const ahead = (i % horizon) + 1;
    const growth = ahead > measured ? Math.pow(ahead / measured, GROWTH_POWER) : 1;
    const scale = residualScale(mean[i], dispersion[Math.floor(i / horizon)]) * growth;
    const cell = scoresAt(calibration, mean[i], ahead);
    for (let q = 0; q < quantiles.length; q++) quantiles[q][i] = Math.max(0, mean[i] + scale * cell[q]);
  }
  return quantiles;
}

/** Variance of a day over its mean for each row, by the measured factor of its mean forecast's size class. */
export function measuredDispersion(
  calibrations: readonly Calibration[],
  groupOf: Uint8Array,
  mean: Float32Array,
  dispersion: Float32Array,
  horizon: number,
): Float32Array {
  return dispersion.map((own, row) => {
    let sum = 0;
    for (let h = 0; h < horizon; h++) sum += mean[row * horizon + h];
    const { varianceFactor, sizeEdges } = calibrations[groupOf[row]];
    return own * varianceFactor[sizeClass(sizeEdges, sum / horizon)];
  });
}

function measureSums(sample: CalibrationSample, calibration: Calibration): number[] {
  const { mean, actual, horizon } = sample;
  const dispersion = measuredDispersion(
    [calibration],
    new Uint8Array(sample.dispersion.length),
    mean,
    sample.dispersion,
    horizon,
  );
  const inflation: number[] = [];
  for (let days = 1; days <= horizon; days++) {
    let total = 0;
    let rows = 0;
    for (let row = 0; row < dispersion.length; row++) {
      let expected = 0;
      let residual = 0;
      let complete = true;
      for (let h = 0; h < days && complete; h++) {
        const i = row * horizon + h;
        complete = actual[i] >= 0;
        expected += mean[i];
        residual += actual[i] - mean[i];
      }
      if (!complete || !(expected > 0)) continue;
      total += Math.min(100, (residual * residual) / (dispersion[row] * expected));
      rows++;
    }
    inflation.push(rows > 0 ? total / rows : (inflation.at(-1) ?? 1));
  }
  // One day is the reference: there the daily variances are right by their own measurement.
  return inflation.map((value) => Math.max(1, value / inflation[0]));
}

/** Growth of variances of sums for `days` days, drawn on in a straight line beyond those measured. */
export function extendInflation(measured: readonly number[], days: number): Float32Array {
  const count = measured.length;
  const half = Math.floor(count / 2);
  const slope = count > 2 ? Math.max(0, (measured[count - 1] - measured[half]) / (count - 1 - half)) : 0;
  return Float32Array.from({ length: days }, (_, n) =>
    n < count ? measured[n] : measured[count - 1] + slope * (n - count + 1),
  );
}

/** The first quarter, the second and the second half of the horizon, where they are weeks at least. */
function bucketEndsOf(horizon: number): number[] {
  if (horizon < 4) return [horizon];
  const half = Math.floor(horizon / 2);
  return horizon < 14 ? [half, horizon] : [Math.floor(horizon / 4), half, horizon];
}

function sizeClass(edges: readonly number[], mean: number): number {
  let size = 0;
  while (size < edges.length && mean >= edges[size]) size++;
  return size;
}

function bucketOf(ends: readonly number[], dayIndex: number): number {
  let bucket = 0;
  while (bucket < ends.length - 1 && dayIndex >= ends[bucket]) bucket++;
  return bucket;
}

function pool(cells: readonly Scores[]): SortedScores {
  return {
    all: Float64Array.from(cells.flatMap((cell) => cell.all)).sort(),
    ofSales: Float64Array.from(cells.flatMap((cell) => cell.ofSales)).sort(),
  };
}

/**
 * Scores of all levels, ascending. The two levels of a pair (P10 and P90) are chosen together, so that the closed
 * interval between them holds its nominal share: where most days sell nothing, hardly any day can lie above the upper
 * bound, and what is missing there is left out below.
 * @param samples the cell's own scores first, then larger pools for tails it is too small for
 */
function intervalScores(samples: readonly SortedScores[]): number[] {
  const middle = (QUANTILE_LEVELS.length - 1) / 2;
  const scores = new Array<number>(QUANTILE_LEVELS.length);
  scores[middle] = firstFinite(samples, ({ all }) => conformalQuantile(all, 0.5));
  for (let pair = 0; pair < middle; pair++) {
    const upperLevel = QUANTILE_LEVELS[QUANTILE_LEVELS.length - 1 - pair];
    const upper = firstFinite(samples, ({ all }) => conformalQuantile(all, upperLevel));
    scores[QUANTILE_LEVELS.length - 1 - pair] = upper;
    scores[pair] = firstFinite(samples, ({ all, ofSales }) => {
      const above = (ofSales.length - countUpTo(ofSales, upper)) / all.length;
      const below = 2 * (1 - upperLevel) - above;
      return below > 0 ? conformalQuantile(all, Math.min(below, 0.5)) : NaN;
    });
  }
  return scores.sort((a, b) => a - b);
}

function countUpTo(sorted: Float64Array, bound: number): number {
  let count = 0;
  while (count < sorted.length && sorted[count] <= bound) count++;
  return count;
}

/** The first sample's answer that is a number; the least score of all where even the largest pool is too small. */
function firstFinite(samples: readonly SortedScores[], ask: (sample: SortedScores) => number): number {
  for (const sample of samples) {
    const value = ask(sample);
    if (!Number.isNaN(value)) return value;
  }
  return samples[samples.length - 1].all[0];
}
