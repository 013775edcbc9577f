import { quantileRank, selectRank, weightedQuantile } from './quantile-select.ts';
import type { Shard } from './shard.ts';
import type { GrownTree } from './tree-grower.ts';
import { firstRows } from './training-memory.ts';

const { floor, min } = Math;

/** Residuals looked at to guess where a rank lies, in leaves of at least the second number of rows. */
const SAMPLE = 512;
const MANY = 4096;
/** How many places of the sample the rank may lie beside the guess: three standard deviations at the median. */
const MARGIN = 34;

/** The rows of one leaf in the memory: a run of row numbers for each thread. */
interface LeafRows {
  /** Places of the runs' first row numbers, and rows in the runs. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly count: number;
}

/**
 * Values of the leaves of a pinball tree: the quantiles of their rows' residuals, written to `values`. Threads share the
 * leaves out; an exact order statistic is the same whoever finds it.
 */
export function quantileLeaves(shard: Shard, tree: GrownTree, quantile: number, values: Float64Array): void {
  const { layout, buffer, thread, barrier } = shard;
  barrier();
  const runs = runsOf(shard);
  const order = Array.from({ length: tree.leafCount }, (_, k) => k).sort(
    (a, b) => tree.leaves[b].count - tree.leaves[a].count || a - b,
  );
  // Each leaf, greatest first, goes to the thread with the least to do.
  const load = new Float64Array(layout.threads);
  const isWeighted = layout.weights !== 0;
  let at = 0;
  for (const leaf of order) {
    const { count } = tree.leaves[leaf];
    const owner = load.indexOf(min(...load));
    load[owner] += count;
    const residuals = layout.gradients + 8 * at;
    at += count;
    if (owner !== thread || count === 0) continue;
    const rows = runs(leaf, count);
    if (isWeighted) {
      collect(shard, rows, residuals, -Infinity, Infinity);
      const own = new Float64Array(buffer, residuals, count);
      values[leaf] = weightedQuantile(own, weightsOf(shard, rows), count, quantile);
    } else values[leaf] = rankOfResiduals(shard, rows, residuals, quantileRank(count, quantile));
  }
  barrier();
}

/** Where the rows of a leaf lie. */
function runsOf({ buffer, layout }: Shard): (leaf: number, count: number) => LeafRows {
  const { threads, maxLeaves } = layout;
  const segments = new Int32Array(buffer, layout.segments, 2 * maxLeaves * threads);
  const firstOf = firstRows(layout);
  return (leaf, count) => {
    const begin = (t: number) => segments[2 * maxLeaves * t + leaf];
    const end = (t: number) => segments[2 * maxLeaves * t + maxLeaves + leaf];
    return {
      count,
      starts: firstOf.map((first, t) => first + begin(t)),
      counts: firstOf.map((_, t) => end(t) - begin(t)),
    };
  };
}

/** Writes the residuals from `low` to `high` to `to`; tells how many there are and how many lie below them. */
function collect(
  { layout, kernel, buffer, thread }: Shard,
  { starts, counts }: LeafRows,
  to: number,
  low: number,
  high: number,
): { near: number; below: number } {
  // A cell of the thread's messages that nobody reads.
  const cell = layout.messages + 64 * thread + 40;
  const seen = new Float64Array(buffer, cell, 1);
  let near = 0;
  let below = 0;
  starts.forEach((start, t) => {
    near += kernel.collectResiduals(
      8 * start,
      counts[t],
      layout.scores,
      layout.targets,
      low,
      high,
      to + 8 * near,
      cell,
    );
    below += seen[0];
  });
  return { near, below };
}

/**
 * The residual of a rank. In a large leaf only those near the rank by a sample's guess are collected, in one pass with
 * few surprises for the branch predictor; where the guess is wrong, all are.
 */
function rankOfResiduals(shard: Shard, rows: LeafRows, to: number, rank: number): number {
  const { count } = rows;
  const own = new Float64Array(shard.buffer, to, count);
  if (count >= MANY) {
    const sample = sampleOf(shard, rows);
    const guess = floor((rank / count) * SAMPLE);
    const low = guess < MARGIN ? -Infinity : sample[guess - MARGIN];
    const high = guess + MARGIN >= SAMPLE ? Infinity : sample[guess + MARGIN];
    const { near, below } = collect(shard, rows, to, low, high);
    if (rank >= below && rank < below + near) return selectRank(own, near, rank - below);
  }
  collect(shard, rows, to, -Infinity, Infinity);
  return selectRank(own, count, rank);
}

/** Residuals of rows spread over the leaf, ascending. */
function sampleOf({ buffer, layout }: Shard, { starts, counts, count }: LeafRows): Float64Array {
  const rows = new Int32Array(buffer, 0, layout.rows / 4 + 2 * layout.allRows);
  const scores = new Float64Array(buffer, layout.scores, layout.allRows);
  const targets = new Float32Array(buffer, layout.targets, layout.allRows);
  const sample = new Float64Array(SAMPLE);
  let run = 0;
  let before = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const place = floor((i * count) / SAMPLE);
    while (place >= before + counts[run]) before += counts[run++];
    const row = rows[2 * (starts[run] + place - before)];
    sample[i] = targets[row] - scores[row];
  }
  return sample.sort();
}

/** Weights of the rows in the order in which {@link collect} takes all of them. */
function weightsOf({ buffer, layout }: Shard, { starts, counts, count }: LeafRows): Float32Array {
  const rows = new Int32Array(buffer, 0, layout.rows / 4 + 2 * layout.allRows);
  const weights = new Float32Array(buffer, layout.weights, layout.allRows);
  const out = new Float32Array(count);
  let filled = 0;
  starts.forEach((start, t) => {
    for (let i = start; i < start + counts[t]; i++) out[filled++] = weights[rows[2 * i]];
  });
  return out;
}
