import { InvalidInputError } from '../errors.ts';

/** Demand over some period, as far as ordering needs to know it. */
export interface DemandDistribution {
  readonly kind: 'point' | 'poisson' | 'negative-binomial' | 'gamma';
  readonly mean: number;
  readonly variance: number;
  /** P(D ≤ x). */
  cdf(x: number): number;
  /** Smallest x with P(D ≤ x) ≥ p, for 0 < p < 1. */
  quantile(p: number): number;
  /** E[(D − x)⁺], units short with x on the shelf. */
  expectedShortfall(x: number): number;
}

/** Above this mean whole units no longer matter and the gamma distribution stands in for counts. */
const LARGEST_COUNT_MEAN = 5000;

/** Logarithm of a probability that is as good as zero, yet far from the smallest number. */
const SMALLEST_LOG = -640;

/** Lanczos approximation of ln Γ(x), x > 0. */
function logGamma(x: number): number {
  const coefficients = [
    76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.001208650973866179,
    -0.000005395239384953,
  ];
  let series = 1.000000000190015;
  coefficients.forEach((c, i) => (series += c / (x + 1 + i)));
  const t = x + 5.5;
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310005 * series) / x);
}

/** Regularised lower incomplete gamma function P(a, x): series below a + 1, continued fraction above. */
function gammaP(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  const limit = 200 + 20 * Math.sqrt(a);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < limit && term > 1e-16 * sum; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return Math.min(1, sum * front);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let k = 1; k < limit; k++) {
    const an = -k * (k - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return Math.min(1, Math.max(0, 1 - front * h));
}

function pointMass(mean: number): DemandDistribution {
  return {
    kind: 'point',
    mean,
    variance: 0,
    cdf: (x) => (x >= mean ? 1 : 0),
    quantile: () => mean,
    expectedShortfall: (x) => Math.max(0, mean - x),
  };
}

function gamma(mean: number, variance: number): DemandDistribution {
  const shape = (mean * mean) / variance;
  const scale = variance / mean;
  const cdf = (x: number): number => gammaP(shape, x / scale);
  return {
    kind: 'gamma',
    mean,
    variance,
    cdf,
    quantile: (p) => {
      let low = 0;
      let high = mean + Math.sqrt(variance);
      while (cdf(high) < p && high < 1e300) high *= 2;
      for (let i = 0; i < 100 && high - low > 1e-12 * high; i++) {
        const middle = (low + high) / 2;
        if (cdf(middle) < p) low = middle;
        else high = middle;
      }
      return high;
    },
    expectedShortfall: (x) =>
      x <= 0 ? mean - x : Math.max(0, mean * (1 - gammaP(shape + 1, x / scale)) - x * (1 - cdf(x))),
  };
}

/** Poisson (variance = mean) or negative binomial (variance > mean) from its recursion over whole units. */
function counts(mean: number, variance: number): DemandDistribution {
  const poisson = variance <= mean * (1 + 1e-9);
  const size = poisson ? Infinity : (mean * mean) / (variance - mean);
  const ratio = poisson ? 0 : (variance - mean) / variance;
  const logZero = poisson ? -mean : -size * Math.log(variance / mean);
  const last = Math.ceil(mean + 60 * Math.sqrt(variance) + 60);
  const growth = (k: number): number => (poisson ? mean / (k + 1) : (ratio * (k + size)) / (k + 1));
  // The chances of the first units underflow for large means: they are walked in logarithms, the others by products,
  // which is several times faster.
  let first = 0;
  let log = logZero;
  for (; log < SMALLEST_LOG && first < last; first++) log += Math.log(growth(first));
  const start = Math.exp(log);
  /** Visits k = 0, 1, … with P(D = k) until `visit` returns false; what is below 1e-280 counts as nothing. */
  const walk = (visit: (k: number, probability: number) => boolean): void => {
    let probability = start;
    for (let k = 0; k <= last; k++) {
      if (!visit(k, k < first ? 0 : probability)) return;
      if (k >= first) probability *= growth(k);
    }
  };
  return {
    kind: poisson ? 'poisson' : 'negative-binomial',
    mean,
    variance,
    cdf: (x) => {
      let sum = 0;
      walk((k, probability) => {
        if (k > x) return false;
        sum += probability;
        return true;
      });
      return Math.min(1, sum);
    },
    quantile: (p) => {
      let sum = 0;
      let found = last;
      walk((k, probability) => {
        sum += probability;
        found = k;
        return sum < p;
      });
      return found;
    },
    expectedShortfall: (x) => {
      // E[(D − x)⁺] = mean − x + E[(x − D)⁺], and the last term has few summands.
      let left = 0;
      walk((k, probability) => {
        if (k >= x) return false;
        left += (x - k) * probability;
        return true;
      });
      return Math.max(0, mean - x + left);
    },
  };
}

/**
 * The distribution with a given mean and variance that suits demand: Poisson or negative binomial for counts, gamma
 * where the mean is large or the variance is below the mean, a point where there is no variance.
 * @throws InvalidInputError for a negative or not finite moment
 */
export function demandDistribution(mean: number, variance: number): DemandDistribution {
  if (!(mean >= 0 && Number.isFinite(mean))) throw new InvalidInputError('mean must be finite and not negative');
  if (!(variance >= 0 && Number.isFinite(variance))) {
    throw new InvalidInputError('variance must be finite and not negative');
  }
  if (mean === 0 || variance < 1e-12 * mean * mean) return pointMass(mean);
  if (mean <= LARGEST_COUNT_MEAN && variance >= mean * (1 - 1e-9)) return counts(mean, variance);
  return gamma(mean, variance);
}
