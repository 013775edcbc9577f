import type { History } from './history.ts';

const { max, min } = Math;

/** The recurring part of a history. */
export interface SeasonShape {
  readonly season: number;
  readonly kind: 'additive' | 'multiplicative';
  /** Per phase (index in the history modulo the season): units around 0, or factors around 1. */
  readonly index: Float64Array;
  /** Mean square between the phases over the mean square within; 1 is what chance gives. */
  readonly strength: number;
  /** Share of the phase means that was kept, 1 before shrinking. */
  readonly kept: number;
}

/** Share of the mean below which a factor is not divided by. */
export const LEAST_FACTOR = 0.05;
/** Ratio of mean squares beyond which a season counts as real: about the 1 % point for six degrees of freedom. */
const STRENGTH_OF_A_SEASON = 2.8;

/**
 * Centred moving average over one season (an even season counts its two ends half), taken over the observed periods
 * of each window; at both ends the nearest full window holds.
 */
export function movingAverage(demand: Float64Array, season: number): Float64Array {
  const n = demand.length;
  const sums = new Float64Array(n + 1);
  const counts = new Float64Array(n + 1);
  for (let t = 0; t < n; t++) {
    const there = demand[t] === demand[t];
    sums[t + 1] = sums[t] + (there ? demand[t] : 0);
    counts[t + 1] = counts[t] + (there ? 1 : 0);
  }
  const reach = season >> 1;
  const even = season % 2 === 0;
  const trend = new Float64Array(n);
  const first = min(reach, n >> 1);
  const last = max(n - 1 - reach, first);
  let before = 0;
  for (let t = first; t <= last; t++) {
    const from = max(0, t - reach);
    const to = min(n - 1, t + reach);
    let sum = sums[to + 1] - sums[from];
    let count = counts[to + 1] - counts[from];
    if (even) {
      if (demand[from] === demand[from]) {
        sum -= demand[from] / 2;
        count -= 0.5;
      }
      if (demand[to] === demand[to]) {
        sum -= demand[to] / 2;
        count -= 0.5;
      }
    }
    before = count > 0 ? sum / count : before;
    trend[t] = before;
  }
  trend.fill(trend[first], 0, first);
  trend.fill(trend[last], last + 1);
  return trend;
}

/**
 * Shape of one season by classical decomposition: phase means of what a centred moving average leaves over. Factors
 * are ratios of sums, so that periods without demand do no harm.
 */
export function seasonShape(history: History, season: number, kind: SeasonShape['kind']): SeasonShape {
  const { demand } = history;
  const trend = movingAverage(demand, season);
  const units = new Float64Array(season);
  const base = new Float64Array(season);
  const squares = new Float64Array(season);
  const count = new Float64Array(season);
  for (let t = 0, phase = 0; t < demand.length; t++) {
    if (demand[t] === demand[t]) {
      const rest = demand[t] - trend[t];
      units[phase] += rest;
      squares[phase] += rest * rest;
      base[phase] += trend[t];
      count[phase]++;
    }
    if (++phase === season) phase = 0;
  }
  let total = 0;
  let seen = 0;
  let within = 0;
  let between = 0;
  let phases = 0;
  for (let p = 0; p < season; p++) {
    total += units[p];
    seen += count[p];
  }
  const mean = seen > 0 ? total / seen : 0;
  for (let p = 0; p < season; p++) {
    if (count[p] === 0) continue;
    const average = units[p] / count[p];
    within += squares[p] - count[p] * average * average;
    between += count[p] * (average - mean) * (average - mean);
    phases++;
  }
  const betweenSquare = phases > 1 ? between / (phases - 1) : 0;
  const withinSquare = seen > phases ? max(within, 0) / (seen - phases) : 0;
  const strength = withinSquare > 0 ? betweenSquare / withinSquare : betweenSquare > 0 ? Infinity : 0;
  const index = new Float64Array(season);
  let indexSum = 0;
  for (let p = 0; p < season; p++) {
    if (kind === 'additive') index[p] = count[p] > 0 ? units[p] / count[p] : mean;
    else index[p] = base[p] > 0 ? max(0, 1 + units[p] / base[p]) : 1;
    indexSum += index[p];
  }
  for (let p = 0; p < season; p++)
    index[p] = kind === 'additive' ? index[p] - indexSum / season : indexSum > 0 ? (index[p] * season) / indexSum : 1;
  return { season, kind, index, strength, kept: 1 };
}

/** Whether a season is more than chance. */
export function isSeasonal(shape: SeasonShape): boolean {
  return shape.strength > STRENGTH_OF_A_SEASON;
}

/**
 * The shape drawn towards none by the share of its variance that chance explains (1 / strength), so that long seasons
 * seen only a few times keep what is certain about them.
 */
export function shrinkShape(shape: SeasonShape): SeasonShape {
  const keep = shape.strength > 1 ? 1 - 1 / shape.strength : 0;
  const rest = shape.kind === 'additive' ? 0 : 1;
  return { ...shape, kept: keep, index: shape.index.map((value) => rest + keep * (value - rest)) };
}

/** The demand without its season; periods whose factor is next to nothing become gaps. */
export function seasonallyAdjusted(history: History, shape: SeasonShape): Float64Array {
  const { index, season, kind } = shape;
  const { demand } = history;
  const adjusted = new Float64Array(demand.length);
  for (let t = 0, phase = 0; t < demand.length; t++) {
    const part = index[phase];
    if (kind === 'additive') adjusted[t] = demand[t] - part;
    else adjusted[t] = part < LEAST_FACTOR ? NaN : demand[t] / part;
    if (++phase === season) phase = 0;
  }
  return adjusted;
}

/** Puts the season back on forecasts of the adjusted level, in place. */
export function addSeason(forecast: Float64Array, shape: SeasonShape, start: number): void {
  const { index, season, kind } = shape;
  for (let h = 0; h < forecast.length; h++) {
    const part = index[(start + h) % season];
    forecast[h] = kind === 'additive' ? forecast[h] + part : forecast[h] * part;
  }
}
