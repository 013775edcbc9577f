const { floor } = Math;

/** Rearranges `values[0..count)` so that the entry of rank `rank` (0-based) is in its sorted place, and returns it. */
function selectRank(values: Float64Array, count: number, rank: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i++] = values[j];
        values[j--] = swap;
      }
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank];
}

/** Entries looked at to guess where a rank lies. */
const SAMPLE = 512;
/** How many places of the sample the rank may lie beside the guess: two standard deviations at the median. */
const MARGIN = 24;

/**
 * As {@link selectRank}, but first brings the entries to the front that lie near the rank by a sample's guess: one pass
 * with few surprises for the branch predictor. Where the guess is wrong it selects from all.
 */
function selectRankOfMany(values: Float64Array, count: number, rank: number): number {
  const sample = new Float64Array(SAMPLE);
  const step = floor(count / SAMPLE);
  for (let i = 0; i < SAMPLE; i++) sample[i] = values[i * step];
  sample.sort();
  const guess = floor((rank / count) * SAMPLE);
  const low = guess < MARGIN ? -Infinity : sample[guess - MARGIN];
  const high = guess + MARGIN >= SAMPLE ? Infinity : sample[guess + MARGIN];
  let below = 0;
  let near = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (value < low) below++;
    else if (value <= high) {
      values[i] = values[near];
      values[near++] = value;
    }
  }
  const rankNear = rank - below;
  if (rankNear < 0 || rankNear >= near) return selectRank(values, count, rank);
  return selectRank(values, near, rankNear);
}

/**
 * The smallest value with at least a share `quantile` of the entries at or below it: it minimises the pinball loss.
 * Reorders `values[0..count)`; linear time.
 */
export function quantileInPlace(values: Float64Array, count: number, quantile: number): number {
  // The small allowance keeps 0.9 * 10 from being taken for a little more than 9.
  const rank = Math.ceil(quantile * count - 1e-9) - 1;
  const within = Math.min(count - 1, Math.max(0, rank));
  return count < 4 * SAMPLE ? selectRank(values, count, within) : selectRankOfMany(values, count, within);
}

/**
 * As {@link quantileInPlace}, each entry counting with its weight; 0 when all weights are 0. The order of the entries
 * does not matter to a bit of the result.
 */
export function weightedQuantile(
  values: Float64Array,
  weights: ArrayLike<number>,
  count: number,
  quantile: number,
): number {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  order.sort((a, b) => values[a] - values[b] || weights[a] - weights[b]);
  let total = 0;
  for (const i of order) total += weights[i];
  if (!(total > 0)) return 0;
  const goal = quantile * total * (1 - 1e-12);
  let sum = 0;
  for (const i of order) {
    sum += weights[i];
    if (sum >= goal && weights[i] > 0) return values[i];
  }
  return values[order[count - 1]];
}
