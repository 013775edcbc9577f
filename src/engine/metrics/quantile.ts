import { seasonalNaiveError } from './point.ts';
import type { Measure, Numbers } from './point.ts';

/** Pinball loss of one outcome, not doubled: max(q(y−f), (q−1)(y−f)). */
export function pinballLoss(actual: number, forecast: number, quantile: number): number {
  const error = actual - forecast;
  return Math.max(quantile * error, (quantile - 1) * error);
}

/** Mean pinball loss of one quantile (not doubled; some texts double it). */
export function pinball(actual: Numbers, forecast: Numbers, quantile: number): Measure {
  if (actual.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += pinballLoss(actual[i], forecast[i], quantile);
  return sum / actual.length;
}

/** Weighted quantile loss 2·Σpinball/Σ|y|; null when nothing was sold. */
export function weightedQuantileLoss(actual: Numbers, forecast: Numbers, quantile: number): Measure {
  let loss = 0;
  let volume = 0;
  for (let i = 0; i < actual.length; i++) {
    loss += pinballLoss(actual[i], forecast[i], quantile);
    volume += Math.abs(actual[i]);
  }
  return volume > 0 ? (2 * loss) / volume : null;
}

/**
 * Scaled pinball loss of one series: mean pinball over times and quantiles, over the in-sample mean absolute one-step
 * difference (M5 uncertainty).
 * @param forecasts one array per quantile, in the order of `quantiles`
 */
export function scaledPinballLoss(
  actual: Numbers,
  forecasts: readonly Numbers[],
  quantiles: readonly number[],
  insample: Numbers,
): Measure {
  const scale = seasonalNaiveError(insample, 1);
  if (scale === null || scale === 0 || quantiles.length === 0) return null;
  let sum = 0;
  for (let k = 0; k < quantiles.length; k++) {
    const loss = pinball(actual, forecasts[k], quantiles[k]);
    if (loss === null) return null;
    sum += loss;
  }
  return sum / quantiles.length / scale;
}

/**
 * Continuous ranked probability score taken from quantiles: twice the integral of the pinball loss over the levels, each
 * level standing for the probabilities nearest to it. In units of the target; of a point forecast it is the MAE.
 * @param forecasts one array per level
 * @param levels ascending, between 0 and 1
 */
export function quantileCrps(actual: Numbers, forecasts: readonly Numbers[], levels: readonly number[]): Measure {
  if (actual.length === 0 || levels.length === 0) return null;
  let score = 0;
  levels.forEach((level, k) => {
    const from = k === 0 ? 0 : (levels[k - 1] + level) / 2;
    const to = k === levels.length - 1 ? 1 : (level + levels[k + 1]) / 2;
    score += 2 * (to - from) * (pinball(actual, forecasts[k], level) ?? 0);
  });
  return score;
}

/** Share of outcomes inside [lower, upper], ends included. */
export function coverage(actual: Numbers, lower: Numbers, upper: Numbers): Measure {
  if (actual.length === 0) return null;
  let inside = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i] >= lower[i] && actual[i] <= upper[i]) inside++;
  return inside / actual.length;
}

/** Mean width of an interval, in units of the target. */
export function intervalWidth(lower: Numbers, upper: Numbers): Measure {
  if (lower.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < lower.length; i++) sum += upper[i] - lower[i];
  return sum / lower.length;
}

/**
 * Mean Winkler (interval) score of central intervals that leave out `alpha`: the width plus 2/alpha times the distance
 * of outcomes outside. Lower is better.
 */
export function winkler(actual: Numbers, lower: Numbers, upper: Numbers, alpha: number): Measure {
  if (actual.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    const outside = Math.max(0, lower[i] - actual[i], actual[i] - upper[i]);
    sum += upper[i] - lower[i] + (2 / alpha) * outside;
  }
  return sum / actual.length;
}
