import type { SegmentWeights } from '../pipeline/types.ts';

/** Past forecasts of all members beside what was sold. */
export interface MemberOutcomes {
  readonly names: readonly string[];
  /** One array per member, all of the length of `actual`. */
  readonly forecasts: readonly Float32Array[];
  /** Units sold, NaN where they say nothing. */
  readonly actual: Float32Array;
  /** Index into `segments` of each entry. */
  readonly segmentOf: Uint8Array;
  readonly segments: readonly string[];
  /** Per segment: true where most days sell nothing, so that absolute error is best served by forecasting nothing. */
  readonly sparse: readonly boolean[];
  /** Origins the forecasts were made at; many if absent. */
  readonly origins?: number;
}

/** What weights minimise: a number to make small, from a combination and the actuals at its entries. */
type CombinationLoss = (mixed: Float64Array, actual: Float32Array, entries: Int32Array) => number;

/** How much a unit of bias of the whole segment counts beside a unit of absolute error. */
export const BIAS_WEIGHT = 0.5;
/** A segment with fewer outcomes takes the weights learned on all; fewer in all leave the plain weights. */
const FEWEST_OUTCOMES = { segment: 600, all: 24 };
const FEWEST_SALES = { segment: 100, all: 12 };
/** Forecasts below this count as this in the deviance, which knows no forecast of 0. */
const SMALLEST_FORECAST = 1e-3;
/**
 * Differences of loss up to this share are luck: the first for any number of outcomes, the second over their root.
 * Members that close to the best count as equally good, and a mixture must gain more than that.
 * Outcomes of one origin share what happened after it: there as much again is luck as `oneOrigin` says.
 */
const LUCK = { least: 0.005, spread: 1.5, oneOrigin: 0.1 };
/** Shares moved from one member to another, tried from coarse to fine. */
const STEPS = [0.4, 0.2, 0.1, 0.05, 0.02];
/** Outcomes of a segment the search looks at; more would not move the weights. */
const MOST_OUTCOMES = 60_000;

/**
 * Learns, per segment, non-negative weights that add up to 1. They minimise Σ|e| + BIAS_WEIGHT · |Σe|: absolute error is
 * what the ensemble is judged by, the second term keeps it from leaning low as absolute error alone would. In sparse
 * segments they minimise a Tweedie deviance instead, whose optimum is the mean. The search moves weight between pairs
 * of members, starting from the best single member, so that on these outcomes the ensemble is never worse than that.
 * @param fallback weights taken where there are too few outcomes to learn from
 */
export function learnWeights(outcomes: MemberOutcomes, fallback: readonly number[]): SegmentWeights[] {
  const usable = usableEntries(outcomes, null);
  const everything = worthLearning(outcomes, usable, 'all')
    ? cautious(outcomes, usable, [], absoluteLoss)
    : [...fallback];
  return outcomes.segments.map((segment, index) => {
    const entries = usableEntries(outcomes, index);
    const weights = worthLearning(outcomes, entries, 'segment')
      ? learnSegment(outcomes, index, entries, everything)
      : everything;
    return { segment, members: [...outcomes.names], weights };
  });
}

/** The segment's own weights, drawn half way to those of all unless that would make a single member better. */
function learnSegment(
  outcomes: MemberOutcomes,
  segment: number,
  entries: Int32Array,
  everything: readonly number[],
): number[] {
  if (outcomes.sparse[segment]) return cautious(outcomes, entries, [everything], devianceLoss);
  const own = cautious(outcomes, entries, [everything], absoluteLoss);
  const drawn = own.map((weight, m) => (weight + everything[m]) / 2);
  const alone = outcomes.names.map((_, m) => combinationLoss(outcomes, entries, single(outcomes, m)));
  return combinationLoss(outcomes, entries, drawn) <= Math.min(...alone) ? drawn : own;
}

/**
 * Weights that few folds cannot flatter: the mean of the members that come close to the best, or where it is no better
 * than the best alone the nearest to it on the way to the best mixture that is; and only where that mixture clearly
 * gains, half way from there to it. Never worse on these outcomes than the best member.
 */
function cautious(
  outcomes: MemberOutcomes,
  entries: Int32Array,
  starts: readonly (readonly number[])[],
  lossOf: CombinationLoss,
): number[] {
  const lossAt = (weights: readonly number[]) => combinationLoss(outcomes, entries, weights, lossOf);
  const losses = outcomes.names.map((_, m) => lossAt(single(outcomes, m)));
  const least = Math.min(...losses);
  const luck = LUCK.least + LUCK.spread / Math.sqrt(entries.length) + (outcomes.origins === 1 ? LUCK.oneOrigin : 0);
  const close = losses.map((loss) => (loss <= least * (1 + luck) ? 1 : 0));
  const mean = normalised(close);
  const found = search(outcomes, entries, starts, lossOf);
  const base = nearest(mean, found, (weights) => lossAt(weights) <= least);
  if (lossAt(found) > lossAt(base) * (1 - luck)) return base;
  const drawn = found.map((weight, m) => (weight + base[m]) / 2);
  return lossAt(drawn) <= least ? drawn : found;
}

/** The first of ten steps from one set of weights to another that is acceptable; the last one surely is. */
function nearest(from: readonly number[], to: readonly number[], accepts: (weights: number[]) => boolean): number[] {
  for (let step = 0; step < 10; step++) {
    const between = from.map((weight, m) => weight + (step / 10) * (to[m] - weight));
    if (accepts(between)) return between;
  }
  return [...to];
}

function single(outcomes: MemberOutcomes, member: number): number[] {
  return outcomes.names.map((_, m) => (m === member ? 1 : 0));
}

function worthLearning(outcomes: MemberOutcomes, entries: Int32Array, part: 'segment' | 'all'): boolean {
  let sales = 0;
  for (const i of entries) if (outcomes.actual[i] > 0) sales++;
  return entries.length >= FEWEST_OUTCOMES[part] && sales >= FEWEST_SALES[part];
}

/** Loss of a combination over some entries: Σ|e| + BIAS_WEIGHT · |Σe|, or in sparse segments the deviance. */
export function combinationLoss(
  outcomes: MemberOutcomes,
  entries: Int32Array,
  weights: readonly number[],
  loss: CombinationLoss = absoluteLoss,
): number {
  return loss(combine(outcomes, entries, weights), outcomes.actual, entries);
}

/** Entries with an actual, of one segment or of all; of very many every n-th. */
export function usableEntries(outcomes: MemberOutcomes, segment: number | null): Int32Array {
  const usable = usableActuals(outcomes.actual);
  return thinned(segment === null ? usable : usable.filter((i) => outcomes.segmentOf[i] === segment));
}

function thinned(entries: Int32Array): Int32Array {
  const every = Math.ceil(entries.length / MOST_OUTCOMES);
  return every > 1 ? entries.filter((_, i) => i % every === 0) : entries;
}

/** Positions of the actuals that are there. */
export function usableActuals(actual: Float32Array): Int32Array {
  const entries = new Int32Array(actual.length);
  let count = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i] >= 0) entries[count++] = i;
  return entries.slice(0, count);
}

function combine(outcomes: MemberOutcomes, entries: Int32Array, weights: readonly number[]): Float64Array {
  const mixed = new Float64Array(entries.length);
  outcomes.forecasts.forEach((forecast, m) => {
    if (weights[m] === 0) return;
    for (let e = 0; e < entries.length; e++) mixed[e] += weights[m] * forecast[entries[e]];
  });
  return mixed;
}

export function absoluteLoss(mixed: Float64Array, actual: Float32Array, entries: Int32Array): number {
  let absolute = 0;
  let bias = 0;
  for (let e = 0; e < entries.length; e++) {
    const error = actual[entries[e]] - mixed[e];
    absolute += Math.abs(error);
    bias += error;
  }
  return absolute + BIAS_WEIGHT * Math.abs(bias);
}

/** Half the Tweedie deviance of power 1.5 but for a term of the actuals alone: Σ y/√f + √f. */
export function devianceLoss(mixed: Float64Array, actual: Float32Array, entries: Int32Array): number {
  let loss = 0;
  for (let e = 0; e < entries.length; e++) {
    const root = Math.sqrt(Math.max(mixed[e], SMALLEST_FORECAST));
    loss += actual[entries[e]] / root + root;
  }
  return loss;
}

function search(
  outcomes: MemberOutcomes,
  entries: Int32Array,
  starts: readonly (readonly number[])[],
  lossOf: CombinationLoss,
): number[] {
  const count = outcomes.names.length;
  const candidates = [...starts, ...outcomes.names.map((_, m) => single(outcomes, m))];
  let weights: number[] = [];
  let best = Infinity;
  for (const candidate of candidates) {
    const loss = combinationLoss(outcomes, entries, candidate, lossOf);
    if (loss < best) {
      best = loss;
      weights = [...candidate];
    }
  }
  let mixed = combine(outcomes, entries, weights);
  for (const step of STEPS) {
    for (let improved = true; improved;) {
      improved = false;
      for (let from = 0; from < count; from++) {
        for (let to = 0; to < count && weights[from] > 0; to++) {
          if (from === to) continue;
          const moved = Math.min(step, weights[from]);
          const trial = shift(mixed, outcomes.forecasts[from], outcomes.forecasts[to], moved, entries);
          const loss = lossOf(trial, outcomes.actual, entries);
          if (!(loss < best * (1 - 1e-7))) continue;
          best = loss;
          mixed = trial;
          weights[to] += moved;
          weights[from] = weights[from] === moved ? 0 : weights[from] - moved;
          improved = true;
        }
      }
    }
  }
  return normalised(weights);
}

function shift(mixed: Float64Array, from: Float32Array, to: Float32Array, share: number, entries: Int32Array) {
  const trial = new Float64Array(mixed.length);
  for (let e = 0; e < mixed.length; e++) trial[e] = mixed[e] + share * (to[entries[e]] - from[entries[e]]);
  return trial;
}

function normalised(weights: readonly number[]): number[] {
  const cleaned = weights.map((weight) => (weight < 1e-9 ? 0 : weight));
  const sum = cleaned.reduce((total, weight) => total + weight, 0);
  return cleaned.map((weight) => weight / sum);
}
