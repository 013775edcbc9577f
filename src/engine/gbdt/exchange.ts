import type { Split } from './split-rules.ts';
import { SPLIT_DOUBLES } from './training-memory.ts';
import type { TrainLayout } from './training-memory.ts';

/** How the threads of a fit tell each other sums and cuts. Every thread must make the same calls in the same order. */
export interface Exchange {
  /** Where the thread puts its gradient and hessian sums before {@link tell}; a byte address. */
  readonly ownSums: number;
  /** Tells the others the thread's number of rows. */
  tell(count: number): void;
  /** Adds up the rows, gradients and hessians of all threads; they must have met since they told them. */
  sum(): { count: number; gradient: number; hessian: number };
  /** Adds up a count of all threads. */
  count(own: number): number;
  /** Puts the thread's best cut in place 0 or 1. */
  write(place: number, split: Split): void;
  /** Waits until everyone has written. */
  meet(): void;
  /** The best cut that any thread has written; among equals that on the first feature. */
  readBest(place: number, into: Split): void;
}

export function createExchange(
  buffer: ArrayBuffer | SharedArrayBuffer,
  layout: TrainLayout,
  thread: number,
  barrier: () => void,
): Exchange {
  const { threads } = layout;
  const messages = new Float64Array(buffer, layout.messages, 8 * threads);
  const numbers = new Float64Array(buffer, layout.splits, 2 * SPLIT_DOUBLES * threads);
  const tables = new Uint8Array(buffer, layout.splits, 16 * SPLIT_DOUBLES * threads);
  const own = 8 * thread;
  // Counts alternate between two cells, so that a quick thread cannot overwrite what a slow one has yet to read.
  let turn = 0;
  const total = (field: number): number => {
    let sum = 0;
    for (let t = 0; t < threads; t++) sum += messages[8 * t + field];
    return sum;
  };
  return {
    ownSums: layout.messages + 64 * thread,
    tell(count) {
      messages[own + 2] = count;
    },
    sum() {
      return { gradient: total(0), hessian: total(1), count: total(2) };
    },
    count(amount) {
      if (threads === 1) return amount;
      turn = 1 - turn;
      messages[own + 3 + turn] = amount;
      barrier();
      return total(3 + turn);
    },
    write(place, split) {
      if (threads === 1) return;
      const at = SPLIT_DOUBLES * (2 * thread + place);
      numbers[at] = split.feature < 0 ? 0 : split.gain;
      numbers[at + 1] = split.feature;
      numbers[at + 2] = split.bin;
      numbers[at + 3] = split.missingLeft ? 1 : 0;
      numbers[at + 4] = split.leftGradient;
      numbers[at + 5] = split.leftHessian;
      tables.set(split.table, 8 * (at + 6));
    },
    meet: barrier,
    readBest(place, into) {
      if (threads === 1) return;
      let best = -1;
      for (let t = 0; t < threads; t++) {
        const at = SPLIT_DOUBLES * (2 * t + place);
        if (!(numbers[at] > 0)) continue;
        if (
          best < 0 ||
          numbers[at] > numbers[best] ||
          (numbers[at] === numbers[best] && numbers[at + 1] < numbers[best + 1])
        )
          best = at;
      }
      into.gain = 0;
      if (best < 0) return;
      into.gain = numbers[best];
      into.feature = numbers[best + 1];
      into.bin = numbers[best + 2];
      into.missingLeft = numbers[best + 3] === 1;
      into.leftGradient = numbers[best + 4];
      into.leftHessian = numbers[best + 5];
      into.table.set(tables.subarray(8 * (best + 6), 8 * (best + 6) + 256));
    },
  };
}
