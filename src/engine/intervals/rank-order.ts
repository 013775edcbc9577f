const { floor } = Math;

/** Standard normal scores lie within ± this, save a few that share the outermost buckets. */
const REACH = 4;

/** Puts values where scores rank: the k-th smallest value to the position of the k-th smallest score. */
export type RankOrder = (score: Float32Array, from: number, values: Float64Array, out: Float32Array) => void;

/**
 * Prepares the reordering of `count` values by standard normal scores, `score[from + p]` to `out[from + p]`; equal
 * scores keep their order. Scores are spread over equal buckets and only neighbours compared: a third of the time of a
 * sort, which is most of the time of drawing paths.
 */
export function createRankOrder(count: number): RankOrder {
  const buckets = 2 * count;
  const scale = buckets / (2 * REACH);
  const start = new Int32Array(buckets + 1);
  const bucketOf = new Int32Array(count);
  const order = new Int32Array(count);
  const sorted = new Float32Array(count);
  return (score, from, values, out) => {
    start.fill(0);
    for (let p = 0; p < count; p++) {
      let bucket = floor((score[from + p] + REACH) * scale);
      if (bucket < 0) bucket = 0;
      else if (bucket >= buckets) bucket = buckets - 1;
      bucketOf[p] = bucket;
      start[bucket + 1]++;
    }
    for (let b = 0; b < buckets; b++) start[b + 1] += start[b];
    for (let p = 0; p < count; p++) {
      const at = start[bucketOf[p]]++;
      order[at] = p;
      sorted[at] = score[from + p];
    }
    for (let k = 1; k < count; k++) {
      const value = sorted[k];
      const path = order[k];
      let j = k - 1;
      for (; j >= 0 && sorted[j] > value; j--) {
        sorted[j + 1] = sorted[j];
        order[j + 1] = order[j];
      }
      sorted[j + 1] = value;
      order[j + 1] = path;
    }
    for (let k = 0; k < count; k++) out[from + order[k]] = values[k];
  };
}
