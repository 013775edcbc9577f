import {
  fittingSeason,
  forecastSimply,
  historyOf,
  type History,
  type LocalSeries,
  type SimpleMethod,
} from './history.ts';
import { solveSymmetric } from './ridge.ts';

const { ceil, cos, floor, max, min, PI, sin } = Math;

/** The additive parts of a structural forecast. */
export const STRUCTURAL_PARTS = ['trend', 'seasonal', 'yearly', 'holiday'] as const;

/** Options of {@link forecastAdditive} and {@link decomposeAdditive}. */
export interface AdditiveOptions {
  /** Periods of a year, not necessarily whole (365.25 for days), for a smooth yearly part; left out: none. */
  readonly year?: number;
  /** Code of the holiday of every period (0 = none), laid out like one series' values, reaching past the end. */
  readonly holidays?: ArrayLike<number>;
}

/** A forecast and its parts. */
export interface AdditiveDecomposition {
  readonly mean: Float64Array;
  /** One per {@link STRUCTURAL_PARTS}; for every period they add up to the mean to the last bit (from last to first). */
  readonly parts: readonly Float64Array[];
  readonly method: 'additive' | SimpleMethod;
}

const LONGEST = 1100;
const FEWEST = 10;
const FEWEST_CYCLES = 2;
/** Sine and cosine pairs at most per season; seven periods need three to take any shape. */
const MOST_PAIRS = 10;
const YEARLY_PAIRS = 3;
/** A year must have been seen for this share of itself before it is told from a trend. */
const YEARS_FOR_YEARLY = 1.5;
/** Bends of the trend and the fewest periods between two. */
const MOST_BENDS = 6;
const PERIODS_BETWEEN_BENDS = 24;
const PENALTY = { level: 1e-6, slope: 0.5, bend: 2, wave: 0.5, holiday: 1 };
/** The slope at the end halves in so many seasons, the weight of a period in the fit in so many histories. */
const SEASONS_OF_SLOPE = 3;
const FIT_HALF_LIFE = 0.5;

interface Column {
  readonly part: number;
  readonly penalty: number;
  readonly at: (t: number) => number;
}

/**
 * Trend + season + year + holidays of one series at any frequency, by penalised regression on a bending line, Fourier
 * pairs and one column per holiday (the Prophet family without its sampler). The latest errors shift the level, and
 * the slope fades out. The bounds of the forecast are booked to the trend.
 */
export function decomposeAdditive(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  options: AdditiveOptions = {},
): AdditiveDecomposition {
  const history = historyOf(series, LONGEST);
  const parts = STRUCTURAL_PARTS.map(() => new Float64Array(horizon));
  const plain = new Float32Array(horizon);
  const simple = forecastSimply(history, FEWEST, horizon, plain, 0);
  if (simple) {
    parts[0].set(plain);
    return { mean: Float64Array.from(plain), parts, method: simple };
  }
  const { demand, cap } = history;
  const n = demand.length;
  const start = series.end - n;
  const columns = columnsOf(history, seasons, options, start, n + horizon);
  const { coefficients, shift } = regress(history, columns);
  const mean = new Float64Array(horizon);
  for (let h = 0; h < horizon; h++) {
    columns.forEach(({ part, at }, c) => {
      parts[part][h] += coefficients[c] * at(n + h);
    });
    const rest = parts[3][h] + parts[2][h] + parts[1][h];
    const total = rest + parts[0][h] + shift;
    parts[0][h] = (total >= 0 ? min(cap, total) : 0) - rest;
    mean[h] = rest + parts[0][h];
  }
  return { mean, parts, method: 'additive' };
}

/** {@link decomposeAdditive} in the form of the other local models. */
export function forecastAdditive(
  series: LocalSeries,
  seasons: readonly number[],
  horizon: number,
  out: Float32Array,
  at: number,
  options: AdditiveOptions = {},
): 'additive' | SimpleMethod {
  const { mean, method } = decomposeAdditive(series, seasons, horizon, options);
  for (let h = 0; h < horizon; h++) out[at + h] = max(0, mean[h]);
  return method;
}

function columnsOf(
  history: History,
  seasons: readonly number[],
  { year, holidays }: AdditiveOptions,
  start: number,
  reach: number,
): Column[] {
  const n = history.demand.length;
  const longest = fittingSeason(seasons, history, FEWEST_CYCLES);
  const scale = max(n, 1);
  const halving = 0.5 ** (1 / (SEASONS_OF_SLOPE * max(2, min(longest, 24))));
  // Ahead of the end the clock runs slower and slower: the slope fades.
  const clock = (t: number) => (t < n ? t - n : (halving * (1 - halving ** (t - n))) / (1 - halving)) / scale;
  const columns: Column[] = [
    { part: 0, penalty: PENALTY.level, at: () => 1 },
    { part: 0, penalty: PENALTY.slope, at: clock },
  ];
  const bends = min(MOST_BENDS, floor(n / max(PERIODS_BETWEEN_BENDS, 2 * longest)) - 1);
  for (let b = 1; b <= bends; b++) {
    const bend = clock((n * b) / (bends + 1));
    columns.push({ part: 0, penalty: PENALTY.bend, at: (t) => max(0, clock(t) - bend) });
  }
  const addWaves = (part: number, length: number, pairs: number, skip: (k: number) => boolean) => {
    for (let k = 1; k <= pairs; k++) {
      if (skip(k)) continue;
      const pace = (2 * PI * k) / length;
      columns.push({ part, penalty: PENALTY.wave, at: (t) => cos(pace * (start + t)) });
      // The sine of half the length is 0 throughout.
      if (2 * k !== length) columns.push({ part, penalty: PENALTY.wave, at: (t) => sin(pace * (start + t)) });
    }
  };
  const fitting = [...new Set(seasons)].filter(
    (season) => season > 1 && season <= longest && n >= FEWEST_CYCLES * season,
  );
  for (const season of fitting) {
    // Waves that a shorter season already has would only be told apart by the penalty.
    const covered = (k: number) =>
      fitting.some((other) => {
        const ratio = season / other;
        return other < season && Number.isInteger(ratio) && k % ratio === 0 && k / ratio <= min(MOST_PAIRS, other >> 1);
      });
    addWaves(1, season, min(MOST_PAIRS, season >> 1, ceil(n / 8)), covered);
  }
  if (year !== undefined && year > 2 * longest && n >= YEARS_FOR_YEARLY * year)
    addWaves(2, year, YEARLY_PAIRS, () => false);
  if (holidays) {
    const codes = new Set<number>();
    for (let t = 0; t < n; t++) if (holidays[start + t] > 0) codes.add(holidays[start + t]);
    for (const code of codes)
      columns.push({
        part: 3,
        penalty: PENALTY.holiday,
        at: (t) => (t < reach && holidays[start + t] === code ? 1 : 0),
      });
  }
  return columns;
}

/** Weighted ridge regression and the weighted mean of the latest residuals. */
function regress(history: History, columns: readonly Column[]) {
  const { demand } = history;
  const n = demand.length;
  const size = columns.length;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  const rows = columns.map(({ at }) => {
    const row = new Float64Array(n);
    for (let t = 0; t < n; t++) row[t] = at(t);
    return row;
  });
  const weighted = new Float64Array(n);
  const decay = 0.5 ** (1 / (FIT_HALF_LIFE * max(n, 56)));
  const weights = new Float64Array(n);
  const target = new Float64Array(n);
  for (let t = n - 1, weight = 1; t >= 0; t--, weight *= decay) {
    if (demand[t] !== demand[t]) continue;
    weights[t] = weight;
    target[t] = demand[t];
  }
  for (let i = 0; i < size; i++) {
    for (let t = 0; t < n; t++) weighted[t] = rows[i][t] * weights[t];
    right[i] = product(weighted, target);
    for (let j = 0; j <= i; j++) normal[i * size + j] = product(weighted, rows[j]);
    normal[i * size + i] += columns[i].penalty;
  }
  const coefficients = solveSymmetric(normal, right, size);
  const halfLife = max(4, min(21, n / 16));
  let miss = 0;
  let weight = 0;
  for (let t = 0; t < n; t++) {
    if (demand[t] !== demand[t]) continue;
    let fitted = 0;
    for (let c = 0; c < size; c++) fitted += coefficients[c] * rows[c][t];
    const share = 0.5 ** ((n - 1 - t) / halfLife);
    miss += share * (demand[t] - fitted);
    weight += share;
  }
  return { coefficients, shift: weight > 0 ? miss / weight : 0 };
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += a[t] * b[t];
  return sum;
}
