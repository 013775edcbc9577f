import { createRng, type Rng } from '../engine/index.ts';

/** Purposes that need numbers of their own, so that a change in one leaves the others as they were. */
export const STREAM = {
  location: 1,
  weather: 2,
  lifeSpan: 3,
  response: 4,
  price: 5,
  promotion: 6,
  drift: 7,
  demand: 8,
  stock: 9,
  shock: 10,
} as const;

/**
 * A stream that depends only on the seed, its purpose and an index: the hundredth product gets the same numbers
 * however many products are generated. Mixing constants are those of MurmurHash3's finaliser.
 */
export function streamRng(seed: number, stream: number, index: number): Rng {
  let h = (seed | 0) ^ Math.imul(stream, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return createRng(h ^ (h >>> 16));
}

/** A uniform number on [low, high). */
export function uniform(rng: Rng, low: number, high: number): number {
  return low + (high - low) * rng();
}

/** A standard normal number (Box–Muller). */
export function gaussian(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng())) * Math.cos(2 * Math.PI * rng());
}

/** A gamma number with mean 1 and variance 1/shape (Marsaglia and Tsang 2000; shapes below 1 by their boost). */
export function unitGamma(rng: Rng, shape: number): number {
  const boost = shape < 1 ? Math.pow(1 - rng(), 1 / shape) : 1;
  const d = (shape < 1 ? shape + 1 : shape) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = gaussian(rng);
    const v = Math.pow(1 + c * x, 3);
    if (v > 0 && Math.log(1 - rng()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return (boost * d * v) / shape;
  }
}

/** A Poisson count by inversion; large means are split, since a sum of Poisson counts is Poisson. */
export function poisson(rng: Rng, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 30) {
    let probability = Math.exp(-Math.min(left, 30));
    let u = rng() - probability;
    // The bound ends the search when rounding leaves a remainder that no further term can use up.
    for (let k = 1; u >= 0 && k < 200; k++) {
      probability *= Math.min(left, 30) / k;
      u -= probability;
      count++;
    }
  }
  return count;
}

/** An overdispersed count, Poisson–gamma (negative binomial): variance = mean + mean² / shape. */
export function negativeBinomial(rng: Rng, mean: number, shape: number): number {
  return poisson(rng, mean * unitGamma(rng, shape));
}
