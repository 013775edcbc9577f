import { InvalidInputError } from '../errors.ts';

/** Density of the standard normal distribution. */
export function normalPdf(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * Distribution function of the standard normal: a series near the centre, a continued fraction in the tails, both to
 * about 15 digits.
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return NaN;
  const size = Math.abs(z);
  if (size > 38) return z > 0 ? 1 : 0;
  if (size < 3) {
    // Φ(z) = 1/2 + φ(z)(z + z³/3 + z⁵/15 + …)
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 + normalPdf(z) * sum;
  }
  // Upper tail φ(z) / (z + 1/(z + 2/(z + 3/…))).
  let fraction = size;
  for (let k = 100; k >= 1; k--) fraction = size + k / fraction;
  const tail = normalPdf(size) / fraction;
  return z > 0 ? 1 - tail : tail;
}

/** z with Φ(z) = p: bisection, then Newton steps to full precision. @throws InvalidInputError unless 0 < p < 1 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new InvalidInputError('A probability must be between 0 and 1');
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -38;
  let high = 0;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  let z = (low + high) / 2;
  for (let i = 0; i < 2; i++) {
    const density = normalPdf(z);
    if (density > 0) z -= (normalCdf(z) - p) / density;
  }
  return z;
}

/** Unit normal loss L(z) = φ(z) − z(1 − Φ(z)): expected shortfall in standard deviations. */
export function normalLoss(z: number): number {
  return Math.max(0, normalPdf(z) - z * normalCdf(-z));
}
