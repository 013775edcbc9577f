/** Rearranges `values[0..count)` so that the entry of rank `rank` (0-based) is in its sorted place, and returns it. */
export function selectRank(values: Float64Array, count: number, rank: number): number {
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

/** Rank, counted from 0, of the smallest of `count` entries with at least a share `quantile` of them at or below it. */
export function quantileRank(count: number, quantile: number): number {
  // The small allowance keeps 0.9 * 10 from being taken for a little more than 9.
  return Math.min(count - 1, Math.max(0, Math.ceil(quantile * count - 1e-9) - 1));
}

/** The entry of {@link quantileRank}: it minimises the pinball loss. Reorders `values[0..count)`; linear time. */
export function quantileInPlace(values: Float64Array, count: number, quantile: number): number {
  return selectRank(values, count, quantileRank(count, quantile));
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
