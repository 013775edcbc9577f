import { shrink } from './split-rules.ts';
import type { Loss } from './types.ts';
import { hasLogLink, linkOf } from './params.ts';
import { quantileInPlace, weightedQuantile } from './quantile-select.ts';

/** Bound once: in a sandboxed context every look-up of a global is slow, and these run once a bin or row. */
const { abs, exp, max, min } = Math;

/** Scores on the log scale stay within e^±50, so that no prediction overflows. */
const MAX_LOG_SCORE = 50;
/** Stands in for a mean of zero, whose logarithm does not exist. */
const SMALLEST_MEAN = 1e-9;
/** Furthest a leaf may move the log score before shrinkage. */
const MAX_LOG_STEP = 4;

/** exp for scores on the log scale, finite for any input. */
export function expScore(score: number): number {
  return exp(min(MAX_LOG_SCORE, max(-MAX_LOG_SCORE, score)));
}

/** Score of the best constant: the mean (its logarithm or logit with such a link) or the quantile of the target. */
export function baseScore(loss: Loss, target: Float32Array, weight: ArrayLike<number> | null): number {
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
  switch (linkOf(loss)) {
    case 'log':
      return Math.log(max(mean, SMALLEST_MEAN));
    case 'logit': {
      const p = max(SMALLEST_MEAN, min(1 - SMALLEST_MEAN, mean));
      return Math.log(p / (1 - p));
    }
    case 'identity':
      return mean;
  }
}

/**
 * The loss as the kernel knows it. Its first and second derivative with respect to the score s are, for squared:
 * s − y, 1; Poisson: e^s − y, e^s; Tweedie of power p: e^{(2−p)s} − y e^{(1−p)s} and its derivative (Jørgensen's unit
 * deviance); pinball: 1{y<s} − q, 1; binary with p = 1 / (1 + e^{−s}): p − y, p (1 − p).
 */
export function kernelLoss(loss: Loss): { kind: number; parameter: number } {
  const kind = ['squared', 'pinball', 'poisson', 'tweedie', 'binary'].indexOf(loss.kind);
  return { kind, parameter: loss.kind === 'pinball' ? loss.quantile : loss.kind === 'tweedie' ? loss.power : 0 };
}

/** Loss of one row up to a constant, to compare models by: half the deviance, or the pinball loss. */
export function rowLoss(loss: Loss, score: number, y: number): number {
  switch (loss.kind) {
    case 'squared':
      return (score - y) ** 2 / 2;
    case 'pinball':
      return max(loss.quantile * (y - score), (loss.quantile - 1) * (y - score));
    case 'poisson':
      return expScore(score) - y * score;
    case 'tweedie':
      return (
        expScore((2 - loss.power) * score) / (2 - loss.power) -
        (y * expScore((1 - loss.power) * score)) / (1 - loss.power)
      );
    case 'binary':
      return max(score, 0) - y * score + Math.log1p(exp(-abs(score)));
  }
}

/**
 * What a leaf adds to the score before shrinkage: the Newton step. With a log link an upward Newton step overshoots
 * (the loss is steeper than its parabola), so it stops at the leaf's exact minimiser, which follows from the two sums.
 */
export function leafStep(loss: Loss, gradient: number, hessian: number, lambda: number, l1 = 0): number {
  if (!(hessian + lambda > 0)) return 0;
  const step = -shrink(gradient, l1) / (hessian + lambda);
  if (!hasLogLink(loss)) return loss.kind === 'binary' ? max(-MAX_LOG_STEP, min(MAX_LOG_STEP, step)) : step;
  if (step <= 0) return max(-MAX_LOG_STEP, step);
  const power = loss.kind === 'tweedie' ? loss.power : 1;
  const seen = hessian - (2 - power) * gradient;
  const fitted = hessian + (power - 1) * gradient;
  const exact = fitted > 0 ? Math.log(seen / fitted) : MAX_LOG_STEP;
  return max(0, min(step, exact, MAX_LOG_STEP));
}
