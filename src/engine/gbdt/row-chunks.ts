import type { Shard } from './shard.ts';
import { firstRows } from './training-memory.ts';

/**
 * Rows taken at a time: few enough that threads end together, and that the calls soon go on in optimised code, for each
 * goes on in the code it began in.
 */
const CHUNK_ROWS = 8192;

/** Hands a leaf's rows to `work` chunk by chunk: the first row as an index of 64-bit entries, and how many they are. */
export type EachChunk = (leaf: number, work: (first: number, count: number) => void) => void;

/**
 * Shares the rows of a leaf out among the threads: each takes its own, and when it has no more those that another has
 * yet to take. Sums of whole numbers do not tell who added what. Every thread must ask for the same leaves in the same
 * order, and wait for the others after each; its own segments must be final when it asks.
 */
export function createChunks({ buffer, layout, thread }: Shard): EachChunk {
  const { threads, maxLeaves } = layout;
  const { add, load, store } = Atomics;
  const segments = new Int32Array(buffer, layout.segments, 2 * maxLeaves * threads);
  // Two cells among the messages of each thread: chunks taken, and the number of the request its segments are ready for.
  const cells = new Int32Array(buffer, layout.messages, 16 * threads);
  const first = firstRows(layout);
  let request = load(cells, 16 * thread + 13);
  return (leaf, work) => {
    request++;
    store(cells, 16 * thread + 12, 0);
    store(cells, 16 * thread + 13, request);
    for (let i = 0; i < threads; i++) {
      const owner = (thread + i) % threads;
      if (load(cells, 16 * owner + 13) !== request) continue;
      const begin = segments[2 * maxLeaves * owner + leaf];
      const end = segments[2 * maxLeaves * owner + maxLeaves + leaf];
      for (;;) {
        const from = begin + CHUNK_ROWS * add(cells, 16 * owner + 12, 1);
        if (from >= end) break;
        work(first[owner] + from, Math.min(CHUNK_ROWS, end - from));
      }
    }
  };
}
