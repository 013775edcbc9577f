import { createRng } from '../../engine/index.ts';

const FLIPS = 9_999;
/** Up to so many clusters every way of swapping them is tried: 65,536 of them. */
const MOST_EXACT = 16;
const SEED = 20_230_917;

/**
 * Two-sided p-value of paired differences being as likely one way as the other: the sign-flip randomisation test of their
 * sum (Fisher; Good 2005, chapter 3.2). All flips of few clusters, 9,999 drawn with a fixed seed of many.
 */
export function pairedPValue(differences: ArrayLike<number>): number {
  const values = Array.from(differences).filter((difference) => difference !== 0);
  if (values.length === 0) return 1;
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  // What differs by rounding alone is as extreme.
  const extreme = observed - 1e-9 * values.reduce((sum, value) => sum + Math.abs(value), 0);
  if (values.length <= MOST_EXACT) {
    const flips = 2 ** values.length;
    let asExtreme = 0;
    for (let flip = 0; flip < flips; flip++) {
      const sum = values.reduce((total, value, i) => total + ((flip >> i) & 1 ? -value : value), 0);
      if (Math.abs(sum) >= extreme) asExtreme++;
    }
    return asExtreme / flips;
  }
  const rng = createRng(SEED);
  let asExtreme = 1;
  for (let flip = 0; flip < FLIPS; flip++) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += rng() < 0.5 ? -values[i] : values[i];
    if (Math.abs(sum) >= extreme) asExtreme++;
  }
  return asExtreme / (FLIPS + 1);
}
