const { max, min } = Math;

/** Adding it to a small number leaves the nearest whole number in the lowest bits. */
const SHIFTER = 6755399441055744;
const LOWEST = -80;
const POWERS = Float64Array.from({ length: 161 }, (_, i) => 2 ** (i + LOWEST));

/**
 * exp with a relative error below 1e-11, its argument cut to ±50: Cody and Waite's reduction to |r| ≤ ln 2 / 2, then
 * the Taylor polynomial of degree 9. The compiled kernel does the same operations, so that both give the same bits.
 */
export function expInPlain(argument: number): number {
  const x = max(-50, min(50, argument));
  const k = x * 1.4426950408889634 + SHIFTER - SHIFTER;
  const r = x - k * 0.69314718036912381649 - k * 1.90821492927058770002e-10;
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = r + 1 + (r * (1 / 6) + 0.5) * r2;
  const middle = r * (1 / 120) + 1 / 24 + (r * (1 / 5040) + 1 / 720) * r2;
  const high = r * (1 / 362880) + 1 / 40320;
  const p = low + middle * r4 + high * (r4 * r4);
  return p * POWERS[k - LOWEST];
}
