import type { TrainKernel } from './kernel/train-operations.ts';
import type { TrainLayout } from './training-memory.ts';

/** What one thread needs to take part in growing trees. */
export interface Shard {
  readonly thread: number;
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  readonly layout: TrainLayout;
  readonly kernel: TrainKernel;
  readonly barrier: () => void;
}
