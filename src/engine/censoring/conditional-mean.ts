import { normalCdf, normalPdf } from '../replenishment/normal.ts';

/** Beyond so many expected units a day the demand is taken for normal. */
const NORMAL_FROM = 150;
/** Below this probability of selling so much, the day sold what was there and hardly anybody went without. */
const LEAST_PROBABILITY = 1e-6;
const { exp, log, max, sqrt } = Math;

/**
 * Expected demand of a day that sold `sold` units and then had nothing left: E[D | D ≥ sold], for demand of the given mean
 * and of variance `dispersion` times the mean (negative binomial; Poisson up to 1, normal for large means).
 * With nothing sold it is the mean: an empty shelf says nothing of demand. Never below `sold`.
 */
export function demandBeyond(sold: number, mean: number, dispersion: number): number {
  if (!(mean > 0) || sold <= 0) return max(sold, mean);
  return max(sold, mean > NORMAL_FROM ? normalBeyond(sold, mean, dispersion) : countBeyond(sold, mean, dispersion));
}

/** Mean of the upper part of a normal distribution: μ + σ φ(z) / (1 − Φ(z)). */
function normalBeyond(sold: number, mean: number, dispersion: number): number {
  const deviation = sqrt(mean * max(1, dispersion));
  const z = (sold - mean) / deviation;
  const above = 1 - normalCdf(z);
  return above < LEAST_PROBABILITY ? sold : mean + (deviation * normalPdf(z)) / above;
}

/** (μ − Σ_{d < sold} d p(d)) / (1 − Σ_{d < sold} p(d)), probabilities by the recurrence of the Panjer class. */
function countBeyond(sold: number, mean: number, dispersion: number): number {
  // p(d) = (a + b / d) p(d − 1): a = 0 for Poisson, a = 1 − 1 / dispersion for negative binomial.
  const isPoisson = dispersion <= 1.0001;
  const size = isPoisson ? 0 : mean / (dispersion - 1);
  const a = isPoisson ? 0 : 1 - 1 / dispersion;
  const b = isPoisson ? mean : (size - 1) * a;
  let probability = exp(isPoisson ? -mean : -size * log(dispersion));
  let below = 0;
  let units = 0;
  for (let d = 0; d < sold; d++) {
    if (d > 0) probability *= a + b / d;
    below += probability;
    units += d * probability;
  }
  return 1 - below < LEAST_PROBABILITY ? sold : (mean - units) / (1 - below);
}
