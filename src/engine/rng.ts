/** Returns the next number of a stream, uniform on [0, 1). */
export type Rng = () => number;

/**
 * Seeded random numbers (mulberry32): small, fast, and the same on every machine.
 * @param seed any integer; only its low 32 bits count
 */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
