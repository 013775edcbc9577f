import { InvalidInputError } from '../errors.ts';
import type { ErrorCovariance } from './covariance.ts';
import { bottomUp, sumsAbove, sumsBelow, type Hierarchy } from './tree.ts';

/** Settings of {@link reconcile}. */
export interface ReconcileOptions {
  /** Sets negative bottom forecasts to 0 before they are summed up (true). */
  readonly nonNegative?: boolean;
  /** Size of what is left of the incoherence, relative to what there was, at which the iteration stops (1e-8). */
  readonly tolerance?: number;
}

const MOST_ITERATIONS = 2000;

/**
 * Coherent forecasts nearest to the base forecasts of all nodes under the covariance W of their errors,
 * S(SᵀW⁻¹S)⁻¹SᵀW⁻¹ŷ. Solved in the equal form b̂ − W_bU(UᵀWU)⁻¹(û − C b̂) with Uᵀ = [I −C], whose system has one
 * unknown per upper node, by conjugate gradients: neither S nor W is ever written out.
 * @param base `[(upperCount + bottomCount) * horizon]`
 * @returns the same shape; every upper row is the sum of its bottom rows
 */
export function reconcile(
  hierarchy: Hierarchy,
  base: ArrayLike<number>,
  horizon: number,
  covariance: ErrorCovariance,
  { nonNegative = true, tolerance = 1e-8 }: ReconcileOptions = {},
): Float64Array {
  const { upperCount, bottomCount } = hierarchy;
  const nodes = upperCount + bottomCount;
  if (base.length !== nodes * horizon || covariance.diagonal.length !== nodes)
    throw new InvalidInputError(`Base forecasts and covariance must cover ${nodes} nodes`);
  const { diagonal, factors } = covariance;
  const upperVariance = diagonal.subarray(0, upperCount);
  const bottomVariance = diagonal.subarray(upperCount);
  // Incoherence of the common errors: with it the upper system needs no vector over the bottom.
  const crossed = factors.map((factor) => incoherence(hierarchy, factor, 1));
  const apply = (v: Float64Array): Float64Array => {
    const below = sumsBelow(hierarchy, v, 1);
    for (let s = 0; s < bottomCount; s++) below[s] *= bottomVariance[s];
    const result = sumsAbove(hierarchy, below, 1);
    for (let u = 0; u < upperCount; u++) result[u] += upperVariance[u] * v[u];
    for (const factor of crossed) addScaled(result, dot(factor, v), factor);
    return result;
  };
  const preconditioner = sumsAbove(hierarchy, bottomVariance, 1);
  for (let u = 0; u < upperCount; u++) {
    preconditioner[u] += upperVariance[u];
    for (const factor of crossed) preconditioner[u] += factor[u] ** 2;
  }
  const gap = incoherence(hierarchy, base, horizon);
  const bottom = Float64Array.from({ length: bottomCount * horizon }, (_, i) => base[upperCount * horizon + i]);
  const right = new Float64Array(upperCount);
  for (let h = 0; h < horizon; h++) {
    for (let u = 0; u < upperCount; u++) right[u] = gap[u * horizon + h];
    const pull = conjugateGradients(apply, preconditioner, right, tolerance);
    const below = sumsBelow(hierarchy, pull, 1);
    const shares = crossed.map((factor) => dot(factor, pull));
    for (let s = 0; s < bottomCount; s++) {
      let change = bottomVariance[s] * below[s];
      for (let k = 0; k < factors.length; k++) change -= shares[k] * factors[k][upperCount + s];
      const value = bottom[s * horizon + h] + change;
      bottom[s * horizon + h] = nonNegative ? Math.max(0, value) : value;
    }
  }
  return bottomUp(hierarchy, bottom, horizon);
}

/** Uᵀy: by how much each upper node exceeds the sum of its bottom series. */
function incoherence(hierarchy: Hierarchy, values: ArrayLike<number>, width: number): Float64Array {
  const { upperCount, bottomCount } = hierarchy;
  const bottom = Float64Array.from({ length: bottomCount * width }, (_, i) => values[upperCount * width + i]);
  return sumsAbove(hierarchy, bottom, width).map((sum, i) => values[i] - sum);
}

/** Solves A x = b for a symmetric positive definite A given as a product, scaled by its diagonal. */
function conjugateGradients(
  apply: (v: Float64Array) => Float64Array,
  diagonal: Float64Array,
  b: Float64Array,
  tolerance: number,
): Float64Array {
  const x = new Float64Array(b.length);
  const residual = b.slice();
  const scaled = residual.map((value, i) => value / diagonal[i]);
  const direction = scaled.slice();
  let size = dot(residual, scaled);
  const enough = size * tolerance * tolerance;
  for (let step = 0; step < MOST_ITERATIONS && size > enough; step++) {
    const product = apply(direction);
    const length = size / dot(direction, product);
    addScaled(x, length, direction);
    addScaled(residual, -length, product);
    for (let i = 0; i < scaled.length; i++) scaled[i] = residual[i] / diagonal[i];
    const next = dot(residual, scaled);
    for (let i = 0; i < direction.length; i++) direction[i] = scaled[i] + (next / size) * direction[i];
    size = next;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * values[i];
}
