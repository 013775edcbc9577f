import { EngineError, InvalidInputError } from '../errors.ts';
import { gatherBytes, MOST_BYTES } from './kernel/train-kernel.ts';

/** In the stop flag: a thread met an error, so that nobody need wait for it. */
export const FAILED = 2;

/** Rows dealt to a thread at a time: rows sorted by series would give threads unequal work in long runs. */
export const BLOCK_ROWS = 4096;

/** Another thread of the fit ended early. */
export class ThreadFailedError extends EngineError {
  readonly code = 'THREAD_FAILED';
}

/** Doubles a thread writes down about the best cut it found for one leaf. */
export const SPLIT_DOUBLES = 6 + 32;

/** Where everything about a fit lies in its memory; offsets in bytes. Plain data. */
export interface TrainLayout {
  /** Rows learnt from; they come first. */
  readonly rowCount: number;
  /** These and the rows of the validation set. */
  readonly allRows: number;
  readonly featureCount: number;
  /** Bytes of a row of bins. */
  readonly stride: number;
  readonly threads: number;
  readonly maxLeaves: number;
  /** First histogram slot of every feature (its missing bin); one more entry for the end. */
  readonly slotStart: Int32Array;
  /** Int32: threads that have arrived, generation of the barrier, stop flag, ready threads. */
  readonly control: number;
  readonly rowMajor: number;
  readonly columnMajor: number;
  readonly scores: number;
  readonly targets: number;
  /** 0 when all rows weigh the same. */
  readonly weights: number;
  readonly gradients: number;
  readonly hessians: number;
  /** Row numbers with their packed derivatives, 64 bits each, those of a thread together. */
  readonly rows: number;
  readonly scratch: number;
  readonly blockStatistics: number;
  /** One per leaf. */
  readonly histograms: number;
  /** One per thread, 256 slots for each feature tried. */
  readonly partHistograms: number;
  /** Per thread: column numbers, their offsets in a histogram, a table of 256 bytes, and a buffer for what one call needs. */
  readonly threadAreas: number;
  readonly threadAreaBytes: number;
  /** Per thread and leaf: begin and end of its rows, Int32. */
  readonly segments: number;
  /** Per thread two splits. */
  readonly splits: number;
  /** Per thread: counts, sums and chunks taken that it tells the others, eight doubles. */
  readonly messages: number;
  readonly leafValues: number;
  readonly bytes: number;
}

export interface TrainShape {
  readonly rowCount: number;
  readonly allRows: number;
  readonly slotStart: Int32Array;
  readonly threads: number;
  readonly maxLeaves: number;
  readonly weighted: boolean;
}

/** @throws InvalidInputError when the fit would need more memory than can be addressed */
export function layOut(shape: TrainShape): TrainLayout {
  const { rowCount, allRows, slotStart, threads, maxLeaves, weighted } = shape;
  const featureCount = slotStart.length - 1;
  const stride = Math.max(16, (featureCount + 15) & ~15);
  const histogramBytes = 8 * slotStart[featureCount];
  const threadAreaBytes =
    64 * Math.ceil((8 * featureCount + 256 + Math.max(gatherBytes(stride), 4 * BLOCK_ROWS + 16)) / 64);
  let end = 64;
  const take = (bytes: number): number => {
    const at = end;
    end += 64 * Math.ceil((bytes + 16) / 64);
    return at;
  };
  const layout = {
    rowCount,
    allRows,
    featureCount,
    stride,
    threads,
    maxLeaves,
    slotStart,
    control: take(64),
    rowMajor: take(stride * allRows),
    columnMajor: take(featureCount * allRows),
    scores: take(8 * allRows),
    targets: take(4 * allRows),
    weights: weighted ? take(4 * allRows) : 0,
    // Side by side: a pinball fit keeps residuals there, eight bytes a row, once a tree is grown.
    gradients: take(8 * allRows + 64),
    hessians: 0,
    rows: take(8 * allRows),
    scratch: take(8 * allRows),
    blockStatistics: take(32 * Math.ceil(allRows / BLOCK_ROWS)),
    histograms: take(histogramBytes * maxLeaves),
    partHistograms: take(2048 * featureCount * threads),
    threadAreas: take(threadAreaBytes * threads),
    threadAreaBytes,
    segments: take(8 * maxLeaves * threads),
    splits: take(16 * SPLIT_DOUBLES * threads),
    messages: take(64 * threads),
    leafValues: take(8 * maxLeaves),
    bytes: 0,
  };
  if (end > MOST_BYTES) {
    throw new InvalidInputError(`data and maxLeaves need ${Math.ceil(end / 2 ** 20)} MB; at most 4 GB can be used`);
  }
  return { ...layout, hessians: layout.gradients + 16 * Math.ceil((4 * allRows) / 16 + 1), bytes: end };
}

/** How many of the rows a thread owns. */
export function shardSize(layout: TrainLayout, thread: number): number {
  let size = 0;
  for (let begin = thread * BLOCK_ROWS; begin < layout.allRows; begin += layout.threads * BLOCK_ROWS) {
    size += Math.min(BLOCK_ROWS, layout.allRows - begin);
  }
  return size;
}

/** Where each thread's rows begin, as an index of 64-bit entries of the memory. */
export function firstRows(layout: TrainLayout): Int32Array {
  const first = new Int32Array(layout.threads).fill(layout.rows / 8);
  for (let t = 1; t < layout.threads; t++) first[t] = first[t - 1] + shardSize(layout, t - 1);
  return first;
}

/** How often a waiting thread looks again before it goes to sleep: more often where that has helped. */
const SPINS = { first: 20_000, fewest: 500, most: 50_000 };

/** Waits until every thread of a fit has come here. */
export function createBarrier(buffer: ArrayBuffer | SharedArrayBuffer, layout: TrainLayout): () => void {
  const { add, load, notify, store, wait } = Atomics;
  const { threads, control } = layout;
  const cells = new Int32Array(buffer, control, 4);
  if (threads === 1) return () => undefined;
  let spins = SPINS.first;
  return () => {
    const generation = load(cells, 1);
    if (add(cells, 0, 1) === threads - 1) {
      store(cells, 0, 0);
      add(cells, 1, 1);
      notify(cells, 1);
      return;
    }
    // Most waits are shorter than going to sleep and waking up, unless the threads share a core.
    for (let spin = 0; spin < spins; spin++) {
      if (load(cells, 1) === generation) continue;
      spins = Math.min(SPINS.most, 2 * spins);
      return;
    }
    spins = Math.max(SPINS.fewest, spins >> 1);
    while (load(cells, 1) === generation) {
      wait(cells, 1, generation, 1000);
      if (load(cells, 2) === FAILED) throw new ThreadFailedError('A training thread failed');
    }
  };
}
