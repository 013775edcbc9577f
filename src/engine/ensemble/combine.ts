import type { SegmentWeights } from '../pipeline/types.ts';

/**
 * Weighted mean of the members' forecasts, each row by the weights of its segment. Members are found by name; weights
 * of members that are not there are shared out among those that are.
 * @param segmentOf index into `weights` per row
 * @returns like each forecast, `[rows * horizon]`
 */
export function combineMembers(
  names: readonly string[],
  forecasts: readonly Float32Array[],
  weights: readonly SegmentWeights[],
  segmentOf: Uint8Array,
  horizon: number,
): Float32Array {
  const bySegment = weights.map((segment) => memberShares(names, segment));
  const out = new Float32Array(segmentOf.length * horizon);
  for (let row = 0; row < segmentOf.length; row++) {
    const shares = bySegment[segmentOf[row]];
    for (let i = row * horizon; i < (row + 1) * horizon; i++) {
      let sum = 0;
      for (let m = 0; m < shares.length; m++) if (shares[m] > 0) sum += shares[m] * forecasts[m][i];
      out[i] = sum;
    }
  }
  return out;
}

/** Shares of the members in the forecasts of a segment, adding up to 1. */
export function memberShares(names: readonly string[], segment: SegmentWeights): number[] {
  const raw = names.map((name) => segment.weights[segment.members.indexOf(name)] ?? 0);
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? raw.map((weight) => weight / sum) : raw.map(() => 1 / names.length);
}
