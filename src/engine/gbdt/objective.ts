import type { Loss } from './types.ts';
import { hasLogLink } from './params.ts';
import { quantileInPlace, weightedQuantile } from './quantile-select.ts';

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { abs, exp, max, min } = Math;

/** Scores on the log scale stay within e^±50, so that no prediction overflows. */
const MAX_LOG_SCORE = 50;
/** Stands in for a mean of zero, whose logarithm does not exist. */
const SMALLEST_MEAN = 1e-9;
/** A residual below this share of its terms is rounding: targets have 24 significant bits. */
const ROUNDING = 1e-9;
/** Furthest a leaf may move the log score before shrinkage. */
const MAX_LOG_STEP = 4;

/** exp for scores on the log scale, finite for any input. */
export function expScore(score: number): number {
  return exp(min(MAX_LOG_SCORE, max(-MAX_LOG_SCORE, score)));
}

/** Score of the best constant: the mean (its logarithm with a log link) or the quantile of the target. */
export function baseScore(loss: Loss, target: Float32Array, weight: Float64Array | null): number {
  if (loss.kind === 'pinball') {
    const values = Float64Array.from(target);
    return weight === null
      ? quantileInPlace(values, values.length, loss.quantile)
      : weightedQuantile(values, weight, values.length, loss.quantile);
  }
  let sum = 0;
  let total = 0;
  for (let row = 0; row < target.length; row++) {
    const w = weight === null ? 1 : weight[row];
    sum += w * target[row];
    total += w;
  }
  const mean = sum / total;
  return hasLogLink(loss) ? Math.log(max(mean, SMALLEST_MEAN)) : mean;
}

/**
 * First and second derivative of the loss with respect to the score, for every row.
 * Squared: s − y, 1. Poisson: e^s − y, e^s. Tweedie of power p: e^{(2−p)s} − y e^{(1−p)s} and its derivative
 * (Jørgensen's unit deviance). Pinball: 1{y<s} − q, 1.
 */
export function derivatives(
  loss: Loss,
  score: Float64Array,
  target: Float32Array,
  weight: Float64Array | null,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const n = target.length;
  const below = loss.kind === 'pinball' ? 1 - loss.quantile : 0;
  const power = loss.kind === 'tweedie' ? loss.power : 1;
  for (let row = 0; row < n; row++) {
    const y = target[row];
    const s = score[row];
    let g: number;
    let h = 1;
    if (loss.kind === 'pinball') g = y < s ? below : below - 1;
    else {
      let fitted = s;
      let seen = y;
      if (loss.kind !== 'squared') {
        const mean = expScore(s);
        const factor = power === 1 ? 1 : expScore((1 - power) * s);
        fitted = mean * factor;
        seen = y * factor;
        h = (power - 1) * seen + (2 - power) * fitted;
      }
      g = fitted - seen;
      if (abs(g) <= ROUNDING * (abs(fitted) + abs(seen))) g = 0;
    }
    const w = weight === null ? 1 : weight[row];
    gradient[row] = w * g;
    hessian[row] = w * h;
  }
}

/**
 * What a leaf adds to the score before shrinkage: the Newton step. With a log link an upward Newton step overshoots
 * (the loss is steeper than its parabola), so it stops at the leaf's exact minimiser, which follows from the two sums.
 */
export function leafStep(loss: Loss, gradient: number, hessian: number, lambda: number): number {
  if (!(hessian + lambda > 0)) return 0;
  const step = -gradient / (hessian + lambda);
  if (!hasLogLink(loss)) return step;
  if (step <= 0) return max(-MAX_LOG_STEP, step);
  const power = loss.kind === 'tweedie' ? loss.power : 1;
  const seen = hessian - (2 - power) * gradient;
  const fitted = hessian + (power - 1) * gradient;
  const exact = fitted > 0 ? Math.log(seen / fitted) : MAX_LOG_STEP;
  return max(0, min(step, exact, MAX_LOG_STEP));
}

/** The quantile of the residuals in a leaf: a pinball leaf's best value, which its derivatives do not tell. */
export function residualQuantile(
  quantile: number,
  rows: Int32Array,
  begin: number,
  end: number,
  score: Float64Array,
  target: Float32Array,
  weight: Float64Array | null,
  scratch: Float64Array,
  weightScratch: Float64Array,
): number {
  const count = end - begin;
  for (let i = 0; i < count; i++) {
    const row = rows[begin + i];
    scratch[i] = target[row] - score[row];
    if (weight !== null) weightScratch[i] = weight[row];
  }
  return weight === null
    ? quantileInPlace(scratch, count, quantile)
    : weightedQuantile(scratch, weightScratch, count, quantile);
}
