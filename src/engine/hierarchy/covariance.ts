import { InvalidInputError } from '../errors.ts';
import type { Hierarchy } from './tree.ts';

/**
 * Covariance of the base forecasts' errors over all nodes, `diagonal + Σ factors[k] factors[k]ᵀ`. Kept in this form a
 * covariance of ten thousand nodes is a few megabytes, and multiplies a vector in linear time.
 */
export interface ErrorCovariance {
  /** One variance per node, above 0. */
  readonly diagonal: Float64Array;
  /** Vectors over all nodes; none for a diagonal covariance. */
  readonly factors: readonly Float64Array[];
}

/** Variances below this share of the largest count as this much: an exact forecast would leave nothing to solve. */
const LEAST_SHARE = 1e-9;

/** Ordinary least squares: every node errs alike. */
export function olsCovariance({ upperCount, bottomCount }: Hierarchy): ErrorCovariance {
  return { diagonal: new Float64Array(upperCount + bottomCount).fill(1), factors: [] };
}

/** Structural scaling: the variance of a node is the number of its bottom series (Athanasopoulos et al. 2017). */
export function structuralCovariance({ levels, levelStart, upperCount, bottomCount }: Hierarchy): ErrorCovariance {
  const diagonal = new Float64Array(upperCount + bottomCount).fill(1);
  diagonal.fill(0, 0, upperCount);
  levels.forEach(({ nodeOf }, l) => nodeOf.forEach((node) => diagonal[levelStart[l] + node]++));
  // A node without series has nothing to reconcile; any variance will do.
  return { diagonal: diagonal.map((size) => Math.max(size, 1)), factors: [] };
}

/** Variance scaling: mean squared past errors of each node. @param residuals `[nodes * periods]` */
export function varianceCovariance(residuals: ArrayLike<number>, periods: number): ErrorCovariance {
  return { diagonal: positive(meanSquares(residuals, periods)), factors: [] };
}

/**
 * Shrunken sample covariance of the past errors, λ·diag + (1 − λ)·sample, as in MinT (Wickramasuriya et al. 2019) with
 * the λ of {@link shrinkage}. The sample part is the sum of one outer product per period.
 * @param residuals `[nodes * periods]`, of at least two periods
 */
export function shrunkenCovariance(residuals: ArrayLike<number>, periods: number): ErrorCovariance {
  const squares = meanSquares(residuals, periods);
  const lambda = shrinkage(residuals, periods);
  const scale = Math.sqrt((1 - lambda) / periods);
  const factors = Array.from({ length: lambda < 1 ? periods : 0 }, (_, t) =>
    Float64Array.from(squares, (__, node) => scale * residuals[node * periods + t]),
  );
  return { diagonal: positive(squares.map((square) => lambda * square)), factors };
}

/**
 * Intensity in 0..1 that minimises the expected error of a correlation matrix shrunk towards the identity (Schäfer &
 * Strimmer 2005): Σ var(r) / Σ r² over the pairs of nodes. The sums over pairs of nodes are taken from the much smaller
 * matrix of products between periods.
 */
export function shrinkage(residuals: ArrayLike<number>, periods: number): number {
  if (periods < 2) throw new InvalidInputError('A covariance takes at least two periods of past errors');
  const nodes = residuals.length / periods;
  const between = new Float64Array(periods * periods);
  const row = new Float64Array(periods);
  let used = 0;
  let ownFourth = 0;
  for (let node = 0; node < nodes; node++) {
    let square = 0;
    for (let t = 0; t < periods; t++) square += residuals[node * periods + t] ** 2;
    if (!(square > 0)) continue;
    used++;
    const scale = Math.sqrt(periods / square);
    for (let t = 0; t < periods; t++) {
      row[t] = residuals[node * periods + t] * scale;
      ownFourth += row[t] ** 4;
    }
    for (let t = 0; t < periods; t++) for (let u = 0; u <= t; u++) between[t * periods + u] += row[t] * row[u];
  }
  let squares = 0;
  let fourth = 0;
  for (let t = 0; t < periods; t++) {
    fourth += between[t * periods + t] ** 2;
    for (let u = 0; u <= t; u++) squares += (u < t ? 2 : 1) * between[t * periods + u] ** 2;
  }
  const variance = (fourth - squares / periods - (ownFourth - used * periods)) / (periods * (periods - 1));
  const correlation = squares / periods ** 2 - used;
  return correlation > 0 ? Math.min(1, Math.max(0, variance / correlation)) : 1;
}

function meanSquares(residuals: ArrayLike<number>, periods: number): Float64Array {
  return Float64Array.from({ length: residuals.length / periods }, (_, node) => {
    let sum = 0;
    for (let t = 0; t < periods; t++) sum += residuals[node * periods + t] ** 2;
    return sum / periods;
  });
}

function positive(variances: Float64Array): Float64Array {
  const least = variances.reduce((a, b) => Math.max(a, b), 0) * LEAST_SHARE;
  return variances.map((variance) => Math.max(variance, least, Number.MIN_VALUE));
}
