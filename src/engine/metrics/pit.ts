import type { Rng } from '../rng.ts';
import type { Measure, Numbers } from './point.ts';

/**
 * Randomised probability integral transform of discrete outcomes (Czado, Gneiting & Held 2009): a uniform draw between
 * P(Y < y) and P(Y ≤ y). Uniform on 0..1 exactly when the forecast distributions are right, where the closed intervals
 * of counts hold more than their nominal share even then.
 * @param below P(Y < y) of each outcome
 * @param upTo P(Y ≤ y)
 */
export function randomisedPit(below: Numbers, upTo: Numbers, rng: Rng): Float64Array {
  return Float64Array.from({ length: below.length }, (_, i) => below[i] + rng() * (upTo[i] - below[i]));
}

/**
 * The same where only quantiles are known: the level is interpolated between neighbouring quantiles, and drawn where
 * several levels share the outcome's value or it lies beyond the outermost quantile.
 * @param forecasts one array per level, none above the next
 * @param levels ascending, between 0 and 1
 */
export function quantilePit(
  actual: Numbers,
  forecasts: readonly Numbers[],
  levels: readonly number[],
  rng: Rng,
): Float64Array {
  const count = levels.length;
  const below = new Float64Array(actual.length);
  const upTo = new Float64Array(actual.length);
  for (let i = 0; i < actual.length; i++) {
    const y = actual[i];
    let under = 0;
    while (under < count && forecasts[under][i] < y) under++;
    let last = under;
    while (last < count && forecasts[last][i] === y) last++;
    if (last > under) {
      // The lowest quantile at this value may begin anywhere above 0, the highest one end anywhere below 1.
      below[i] = under === 0 ? 0 : levels[under];
      upTo[i] = last === count ? 1 : levels[last - 1];
    } else if (under === 0 || under === count) {
      below[i] = under === 0 ? 0 : levels[count - 1];
      upTo[i] = under === 0 ? levels[0] : 1;
    } else {
      const from = forecasts[under - 1][i];
      const share = (y - from) / (forecasts[under][i] - from);
      below[i] = upTo[i] = levels[under - 1] + share * (levels[under] - levels[under - 1]);
    }
  }
  return randomisedPit(below, upTo, rng);
}

/** Share of the transforms inside the central interval of probability `nominal`; equals it when well calibrated. */
export function pitCoverage(transforms: Numbers, nominal: number): Measure {
  if (transforms.length === 0) return null;
  let inside = 0;
  for (let i = 0; i < transforms.length; i++) if (Math.abs(transforms[i] - 0.5) <= nominal / 2) inside++;
  return inside / transforms.length;
}
