/**
 * Rank (from 1) of the score that bounds the smallest `1 - alpha` share of exchangeable scores with certainty in finite
 * samples: ⌈(n + 1)(1 − α)⌉. Greater than `n` where the sample is too small for a finite bound: pool it with others.
 */
export function conformalRank(count: number, alpha: number): number {
  // The slack keeps 10 · 0.8 from becoming rank 9 by the last bit of a product.
  return Math.ceil((count + 1) * (1 - alpha) - 1e-9);
}

/** The score at {@link conformalRank}, Infinity where the sample is too small. @param sorted ascending */
export function conformalBound(sorted: ArrayLike<number>, alpha: number): number {
  const rank = conformalRank(sorted.length, alpha);
  return rank > sorted.length ? Infinity : sorted[Math.max(rank, 1) - 1];
}

/**
 * Signed-score quantile: upper levels are rounded up and lower ones down, so both tails keep their promise in finite
 * samples; NaN where the sample is too small for the level. The middle is the plain median.
 * @param sorted ascending
 */
export function conformalQuantile(sorted: ArrayLike<number>, level: number): number {
  const count = sorted.length;
  if (level >= 0.5) {
    const bound = conformalBound(sorted, 1 - level);
    return bound === Infinity ? NaN : bound;
  }
  const rank = count + 1 - conformalRank(count, level);
  return rank < 1 ? NaN : sorted[rank - 1];
}
