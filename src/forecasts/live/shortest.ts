/** Digits after which every 32-bit float is told apart. */
const MOST_DIGITS = 9;

/**
 * The number with the fewest digits that rounds to the same 32-bit float: what a stored `real` reads as, so that a
 * forecast shows the same digits whether it was stored or not.
 */
export function shortest(value: number): number {
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(MOST_DIGITS));
}
