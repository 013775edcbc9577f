/** Where to cut a leaf; `gain` is 0 when no cut is allowed or none helps. */
export interface Split {
  /** What the cut gains over the leaf left whole. */
  gain: number;
  feature: number;
  /** Highest bin that goes left; 0 for a cut by category. */
  bin: number;
  missingLeft: boolean;
  /** Gradient and hessian units of the left side. */
  leftGradient: number;
  leftHessian: number;
  /** Per bin 1 when it goes left. */
  readonly table: Uint8Array;
}

export function emptySplit(): Split {
  return {
    gain: 0,
    feature: -1,
    bin: 0,
    missingLeft: false,
    leftGradient: 0,
    leftHessian: 0,
    table: new Uint8Array(256),
  };
}

/** How sums of a tree are stored and what a cut must satisfy. */
export interface SplitRules {
  readonly gradientUnit: number;
  readonly hessianUnit: number;
  /** False when every row has hessian 1, so that hessian units count rows. */
  readonly hasHessian: boolean;
  readonly minRows: number;
  readonly minHessian: number;
  readonly minGain: number;
  readonly lambdaL1: number;
  readonly lambdaL2: number;
  readonly categorySmoothing: number;
  /** Per feature 1 or -1 where predictions must rise or fall with it, else 0; null without such features. */
  readonly monotone: Int8Array | null;
}

/** What is known of a leaf. */
export interface LeafSums {
  /** Rows learnt from. */
  count: number;
  /** In units. */
  gradient: number;
  hessian: number;
  /** Bounds of its value that monotone cuts above it set. */
  lower: number;
  upper: number;
}

/** A side with less curvature than this has a meaningless Newton step. */
const LEAST_HESSIAN = 1e-3;

/** |g| less the L1 penalty, with its sign. */
export function shrink(g: number, l1: number): number {
  if (l1 === 0) return g;
  return g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

/** Newton value of a leaf within its bounds. */
export function boundedValue(g: number, h: number, rules: SplitRules, lower: number, upper: number): number {
  const value = -shrink(g, rules.lambdaL1) / (h + rules.lambdaL2);
  return value < lower ? lower : value > upper ? upper : value;
}

/** Twice the loss reduction of giving a leaf this value. */
export function valueScore(g: number, h: number, rules: SplitRules, value: number): number {
  return -(2 * shrink(g, rules.lambdaL1) * value + (h + rules.lambdaL2) * value * value);
}

/** Least hessian units a side needs: what `minRows` average rows of the leaf have, and the least curvature. */
export function leastUnits(leaf: LeafSums, rules: SplitRules): number {
  const least = Math.max(LEAST_HESSIAN, rules.minHessian) / rules.hessianUnit;
  const perRow = rules.hasHessian ? leaf.hessian / leaf.count : 1;
  return Math.max(1, least, (rules.minRows - 0.5) * perRow);
}

/** A histogram: per slot hessian units (unsigned), then gradient units. */
export interface LeafHistogram {
  readonly cells: Int32Array;
  /** Slot of the feature's missing bin, counted from the start of `cells`. */
  readonly first: number;
  /** Bins without the missing one. */
  readonly bins: number;
}
