/**
 * Pause before another try: `firstMs` doubled with each failure, of which up to half is left out at random, so that jobs
 * that failed together do not come back together.
 * @param failures attempts that failed so far, at least 1
 * @param random between 0 and 1
 */
export function backoffDelay(firstMs: number, failures: number, random: number): number {
  return Math.round(firstMs * 2 ** (failures - 1) * (1 - random / 2));
}
